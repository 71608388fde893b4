import TestSupport
import Testing

@Suite("wg-quick reload", .enabled(if: Scene.isPossible, "needs root, /dev/net/tun and wg-quick"))
struct ReloadTests {
    /// One file after the other, each a step from another.
    private static let files = [
        "[Interface]\nPrivateKey = \(Key.own)\nListenPort = 5180\n",
        """
        [Interface]
        PrivateKey = \(Key.own)
        ListenPort = 5180
        Address = 10.0.0.1/24, fd00::1/64
        DNS = 192.0.2.53, example.com
        MTU = 1300
        [Peer]
        PublicKey = \(Key.peers[0])
        PresharedKey = \(Key.preshared)
        AllowedIPs = 10.1.0.0/16, fd01::/64, 10.0.0.7
        Endpoint = 192.0.2.20:5
        PersistentKeepalive = 7
        """,
        """
        [Interface]
        PrivateKey = \(Key.own)
        ListenPort = 5181
        Address = 10.0.0.1/24, 10.5.0.1/32
        DNS = 192.0.2.54
        [Peer]
        PublicKey = \(Key.peers[0])
        AllowedIPs = 10.1.0.0/16, 0.0.0.0/0
        Endpoint = 192.0.2.20:5
        [Peer]
        PublicKey = \(Key.peers[1])
        AllowedIPs = 10.0.0.0/8, fd01::/64
        """,
        """
        [Interface]
        PrivateKey = \(Key.preshared)
        ListenPort = 5181
        Address = 10.9.0.1/24, fd00::1/64
        [Peer]
        PublicKey = \(Key.peers[1])
        AllowedIPs = 0.0.0.0/0, ::/0, 10.2.0.0/16
        """,
        """
        [Interface]
        PrivateKey = \(Key.own)
        ListenPort = 5180
        FwMark = 0x77
        Table = auto
        Address = fd00::1/64
        [Peer]
        PublicKey = \(Key.peers[2])
        AllowedIPs = ::/0
        PersistentKeepalive = 9
        """,
        """
        [Interface]
        PrivateKey = \(Key.own)
        ListenPort = 5180
        Table = 1234
        Address = 10.0.0.1/24
        [Peer]
        PublicKey = \(Key.peers[1])
        AllowedIPs = 0.0.0.0/0, 10.2.0.0/16
        """,
        """
        [Interface]
        PrivateKey = \(Key.own)
        ListenPort = 5180
        FwMark = 0
        Table = off
        Address = 10.0.0.1/24
        DNS = 192.0.2.53
        [Peer]
        PublicKey = \(Key.peers[1])
        AllowedIPs = 0.0.0.0/0, 10.2.0.0/16
        """,
    ]

    @Test("ends where the file alone would have led, from every file to every other", arguments: files.indices)
    func everyPair(from first: Int) async throws {
        var script = Self.files.enumerated().map { write("\($0).conf", $1) }.joined(separator: "\n")
        for second in Self.files.indices {
            // A mark that default routes have stays theirs when the file does no longer ask for it.
            let keepsMark = first == 4 && (2...3).contains(second)
            let sameMark =
                keepsMark ? "sed 's/0x0*77/0xca6c/; s/0xca6c ct/0x0000ca6c ct/; s/119/51820/'" : "cat"
            script += """

                cp \(second).conf wg0.conf; quick up wg0 2>/dev/null || echo no up; state wg0 >/run/wanted
                quick down wg0 2>/dev/null || echo no down
                cp \(first).conf wg0.conf; quick up wg0 2>/dev/null || echo no up
                cp \(second).conf wg0.conf; state wg0 >/run/before
                quick reload --dry-run wg0 2>/run/dry || echo no dry run
                state wg0 | diff /run/before - || echo 'a dry run has changed something'
                quick reload wg0 2>/run/steps || { echo no reload; cat /run/steps; }
                state wg0 | \(sameMark) | diff /run/wanted - || echo "from \(first) to \(second)"
                grep '^\\[#\\]' /run/dry | diff - /run/steps || echo 'a dry run has said something else'
                told reload wg0
                quick down wg0 2>/dev/null || echo no down
                """
        }
        // The second reload has nothing to say or do.
        let nothing = String(repeating: "status 0\n", count: Self.files.count)
        let said = try await Scene.play(script)
        #expect(said == nothing)
    }

    @Test("leaves no trace when the interface is taken down")
    func down() async throws {
        let said = try await Scene.play(
            """
            state lo >/run/before
            \(write("wg0.conf", Self.files[1])); quick up wg0 2>/dev/null
            \(write("wg0.conf", Self.files[3])); quick reload wg0 2>/dev/null
            quick down wg0 2>/dev/null; echo $?
            state lo | diff /run/before -
            find /run/wg-quick /run/dns -mindepth 1 ! -name lock
            """)
        #expect(said == "0\n")
    }

    @Test("ends no session: the handshake stays, and packets pass in between")
    func sessions() async throws {
        let said = try await Scene.play(
            """
            a=$(wg genkey) b=$(wg genkey)
            A=$(wg pubkey <<<$a) B=$(wg pubkey <<<$b)
            printf "[Interface]\\nPrivateKey=$b\\nListenPort=7\\nTable=off\\n[Peer]\\nPublicKey=$A\\nAllowedIPs=10.77.0.1\\n" >wg1.conf
            ip netns add far; quick up --netns far wg1 2>/dev/null || echo no wg1
            ip -n far address add 10.77.0.2/24 dev wg1
            printf "[Interface]\\nPrivateKey=$a\\nAddress=10.77.0.1/24\\n[Peer]\\nPublicKey=$B\\nAllowedIPs=10.77.0.2\\nEndpoint=127.0.0.1:7\\n" >wg0.conf
            quick up wg0 2>/dev/null || echo no wg0
            until_true ping -c1 -W1 10.77.0.2
            before=$(wg show wg0 latest-handshakes)
            printf "PersistentKeepalive=25\\n[Peer]\\nPublicKey=\(Key.peers[1])\\nAllowedIPs=10.78.0.0/24\\n" >>wg0.conf
            sed -i 's/10.77.0.2$/&, 10.79.0.0\\/16/' wg0.conf
            quick reload wg0 2>&1
            ping -c1 -W5 10.77.0.2 >/dev/null && echo alive
            [ "$before" = "$(wg show wg0 latest-handshakes | grep "$B")" ] && echo still the same
            """)
        #expect(
            said
                == """
                [#] wg syncconf wg0 /dev/fd/63
                [#] ip -4 route add 10.78.0.0/24 dev wg0
                [#] ip -4 route add 10.79.0.0/16 dev wg0
                alive
                still the same

                """)
    }

    @Test("runs no hook, and leaves alone what hooks have done")
    func hooks() async throws {
        let file = """
            [Interface]
            Address = 10.0.0.1/24
            ListenPort = 5180
            PostUp = wg set %i private-key <(echo \(Key.own)) fwmark 99; ip route add 10.200.0.0/16 dev %i
            PreDown = touch /run/hooked
            """
        let said = try await Scene.play(
            """
            ln -s "$wg" /run/bin/wg
            \(write("wg0.conf", file)); quick up wg0 2>/dev/null; state wg0 >/run/before
            \(write("wg0.conf", file.replacing("5180", with: "5181") + "\nPostUp = touch /run/hooked"))
            told reload wg0; wg show wg0 listen-port; wg set wg0 listen-port 5180
            state wg0 | diff /run/before - && echo else as before; ls /run | grep hooked
            """)
        #expect(said == "[#] wg syncconf wg0 /dev/fd/63\nstatus 0\n5181\nelse as before\n")
    }

    @Test("changes nothing where the file, the interface or a name is wrong")
    func failures() async throws {
        let peer = "[Peer]\nPublicKey = \(Key.peers[1])\nAllowedIPs = 10.3.0.0/16\nEndpoint = nowhere.invalid:5\n"
        let said = try await Scene.play(
            """
            \(write("wg0.conf", Self.files[1])); quick up wg0 2>/dev/null; state wg0 >/run/before
            \(write("wg0.conf", Self.files[2] + "\nAdress = 5")); told reload wg0
            \(write("wg0.conf", Self.files[1] + "\n" + peer)); told reload wg0
            state wg0 | diff /run/before - && echo nothing changed
            told reload --tolerant wg0
            \(write("wg9.conf", Self.files[1])); told reload wg9
            ip link add veth9 type veth; \(write("veth9.conf", Self.files[1])); told reload veth9
            told reload nosuch
            """)
        let lines = said.split(separator: "\n").map(String.init)
        try #require(lines.count > 7, "\(said)")
        #expect(lines.first == "wg-quick: /etc/wireguard/wg0.conf:13: Line unrecognized: `Adress=5'")
        #expect(lines[1] == "status 1")
        #expect(
            lines[2].hasPrefix("wg-quick: /etc/wireguard/wg0.conf:16: ") && lines[2].hasSuffix(": `nowhere.invalid:5'"))
        #expect(Array(lines[3...4]) == ["status 1", "nothing changed"])
        #expect(lines[5].hasPrefix("[!] Left out: /etc/wireguard/wg0.conf:16: "))
        #expect(
            Array(lines[6...]) == [
                "[#] wg syncconf wg0 /dev/fd/63", "[#] ip -4 route add 10.3.0.0/16 dev wg0", "status 0",
                "wg-quick: `wg9' is not a WireGuard interface", "status 1",
                "wg-quick: `veth9' is not a WireGuard interface", "status 1",
                "wg-quick: `/etc/wireguard/nosuch.conf' does not exist", "status 1",
            ])
    }

    @Test("takes back what it did of addresses and routes where a step fails")
    func rollBack() async throws {
        let said = try await Scene.play(
            """
            \(write("wg0.conf", Self.files[1])); quick up wg0 2>/dev/null; state wg0 >/run/before
            printf '#!/bin/sh\\nexit 7\\n' >/run/bin/resolvconf
            \(write("wg0.conf", Self.files[1].replacing("10.0.0.1/24", with: "10.6.0.1/24").replacing("53", with: "54")))
            told reload wg0 | tail -1
            state wg0 | diff /run/before - && echo as before
            """)
        #expect(said == "status 7\nas before\n")
    }
}
