import TestSupport
import Testing

@Suite("wg-quick without standard streams", .enabled(if: Scene.isPossible, "needs root, /dev/net/tun and wg-quick"))
struct ClosedStreamTests {
    @Test("does the same, and writes into no other file", arguments: ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
    func closed(_ closing: String) async throws {
        let file = "[Interface]\nPrivateKey = \(Key.own)\nAddress = 10.0.0.1/24\nDNS = 192.0.2.53\nPostUp = true"
        let said = try await Scene.play(
            """
            \(write("wg0.conf", file))
            quick up wg0 \(closing); echo $?; wg set wg0 listen-port 5180; quick save wg0 \(closing); echo $?
            quick reload wg0 \(closing); echo $?; wg show wg0 listen-port; cat /run/dns/*; cat wg0.conf
            quick down wg0 \(closing); echo $?; ls /run/dns
            """)
        let lines = said.split(separator: "\n").map(String.init)
        let answers = ["0", "0", "0", "5180", "nameserver 192.0.2.53"]
        #expect(lines == answers + (file + "\nListenPort = 5180").split(separator: "\n").map(String.init) + ["0"])
    }
}
