import TestSupport
import Testing

/// Standard streams that are not the usual pipes.
extension DifferentialTests {
    private static let lines = [
        "pubkey <&-", "pubkey </", "pubkey </dev/null", "pubkey <key", "pubkey <key >out; cat out",
        "set wg0 private-key /dev/stdin </dev/null", "set wg0 private-key /dev/stdin <key",
        "set wg0 private-key /dev/fd/3 3<key", "set wg0 private-key /dev/stdin </",
        "set wg0 private-key /dev/stdin <&-", "set wg0 private-key /dev/stdin </dev/zero",
        "setconf wg0 /dev/stdin </dev/null", "setconf wg0 /dev/stdin <wg0.conf", "addconf wg0 /dev/fd/3 3<wg0.conf",
        "setconf wg0 /dev/stdin <&-", "syncconf wg0 /dev/stdin <&-", "show wg0 <&-", "show wg0 <&- 2>&-",
        "set wg0 listen-port 7 <&- 2>&-", "set wg0 peer x 2>&-", "setconf wg0 key 2>&-",
        "show wg0 >out; cat out", "show wg0 2>&-", "show >/dev/null", "showconf wg0 | cat",
    ].map { "\"$0\" " + $0 }

    /// Where colours are usual.
    private static let onTerminal = ["show", "show wg0", "show wg0 dump", "showconf wg0", "show interfaces"].map {
        "script -qec \"$0 \($0)\" /dev/null"
    }

    @Test("do the same on other streams", arguments: lines + onTerminal)
    func redirection(_ line: String) async throws {
        var maker = CaseMaker(seed: Self.seed, kind: "redirection", number: 0, now: 2_000_000_000)
        maker.flaws = 0
        let device = maker.device(damaged: false)
        let conf = "[Peer]\nPublicKey = ".bytes + KeyText.base64(maker.peerKeys[0])
        let key = KeyText.base64(maker.secretKey())
        let scene = Case(
            shell: line, files: ["key": .text(key + "\n".bytes), "wg0.conf": .text(conf)],
            folder: .holding([.device("wg0", device)]))
        for bout in try await Bout.of([scene]) { #expect(bout.isDraw, "\(bout)") }
    }

    @Test("wait for names and try again")
    func retries() async throws {
        let key = KeyText.base64([UInt8](repeating: 7, count: 32))
        var scene = Case(
            arguments: ["set", "wg0", "peer"].map(\.bytes) + [key] + ["endpoint", "192.0.2.1:http"].map(\.bytes))
        scene.environment["WG_ENDPOINT_RESOLUTION_RETRIES"] = "2"
        for bout in try await Bout.of([scene]) {
            #expect(bout.faults.isEmpty && bout.ours.stderr == bout.reference.stderr, "\(bout)")
            #expect(bout.ours.status == 1 && bout.ours.stderr.count { $0 == 0x0a } == 3, "\(bout)")
        }
    }
}
