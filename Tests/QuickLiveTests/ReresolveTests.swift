import TestSupport
import Testing

@Suite("wg-quick reresolve", .enabled(if: Scene.isPossible, "needs root, /dev/net/tun and wg-quick"))
struct ReresolveTests {
    private static let file = """
        [Interface]
        PrivateKey = \(Key.own)
        [Peer]
        PublicKey = \(Key.peers[0])
        Endpoint = one.test:51820
        [Peer]
        PublicKey = \(Key.peers[1])
        Endpoint = two.test:51820
        [Peer]
        PublicKey = \(Key.peers[2])
        Endpoint = 192.0.2.3:51820
        """

    private static let begin = """
        printf '192.0.2.1 one.test\\n192.0.2.2 two.test\\n' >>/etc/hosts
        \(write("wg0.conf", file)); quick up wg0 2>/dev/null || echo no up
        """

    @Test("follows names, and leaves numbers and what did not change alone")
    func follows() async throws {
        let said = try await Scene.play(
            """
            \(Self.begin)
            told reresolve wg0
            sed -i 's/192.0.2.1/198.51.100.1/' /etc/hosts
            wg set wg0 peer '\(Key.peers[2])' endpoint 192.0.2.99:1
            told reresolve --dry-run wg0; wg show wg0 endpoints | grep -c 198.51.100.1
            told reresolve wg0; wg show wg0 endpoints | cut -f2 | sort
            """)
        let step = "[#] wg set wg0 peer \(Key.peers[0]) endpoint 198.51.100.1:51820"
        #expect(
            said == """
                status 0
                \(step)
                status 0
                0
                \(step)
                status 0
                192.0.2.2:51820
                192.0.2.99:1
                198.51.100.1:51820

                """)
    }

    @Test("a name that does not resolve is told of, and the next one is followed")
    func unresolved() async throws {
        let said = try await Scene.play(
            """
            \(Self.begin)
            sed -i 's/.*one.test//; s/192.0.2.2/198.51.100.2/' /etc/hosts
            told reresolve wg0
            """)
        let lines = said.split(separator: "\n")
        #expect(lines.count == 3 && lines[0].hasPrefix("[!] /etc/wireguard/wg0.conf:5: "), "\(said)")
        #expect(lines.dropFirst() == ["[#] wg set wg0 peer \(Key.peers[1]) endpoint 198.51.100.2:51820", "status 0"])
    }

    @Test("without a name every interface that is up is followed, whatever befalls another")
    func all() async throws {
        let other = "[Interface]\n[Peer]\nPublicKey = \(Key.peers[0])\nEndpoint = one.test:5\n"
        let said = try await Scene.play(
            """
            told reresolve
            \(Self.begin)
            \(write("wg1.conf", other)); quick up wg1 2>/dev/null; \(write("wg2.conf", other)); quick up wg2 2>/dev/null
            \(write("down.conf", other)); \(write("not a name.conf", "x")); echo Table = 1 >notes
            sed -i 's/192.0.2.1/198.51.100.1/' /etc/hosts
            echo 'SaveConfig = perhaps' >>wg1.conf; sed -i '1a SaveConfig = perhaps' wg1.conf
            told reresolve
            """)
        #expect(
            said == """
                status 0
                [#] wg set wg0 peer \(Key.peers[0]) endpoint 198.51.100.1:51820
                [#] wg set wg2 peer \(Key.peers[0]) endpoint 198.51.100.1:5
                wg-quick: /etc/wireguard/wg1.conf:2: `perhaps' is neither true nor false
                status 1

                """)
    }

    @Test("a peer that was heard of lately is where it is")
    func alive() async throws {
        let said = try await Scene.play(
            """
            a=$(wg genkey) b=$(wg genkey); A=$(wg pubkey <<<$a) B=$(wg pubkey <<<$b)
            printf "[Interface]\\nPrivateKey=$b\\nListenPort=7\\nTable=off\\n[Peer]\\nPublicKey=$A\\nAllowedIPs=10.77.0.1\\n" >wg1.conf
            ip netns add far; quick up --netns far wg1 2>/dev/null; ip -n far address add 10.77.0.2/24 dev wg1
            echo 127.0.0.1 far.test >>/etc/hosts
            printf "[Interface]\\nPrivateKey=$a\\nAddress=10.77.0.1/24\\n[Peer]\\nPublicKey=$B\\nAllowedIPs=10.77.0.2\\nEndpoint=far.test:7\\n" >wg0.conf
            quick up wg0 2>/dev/null; until_true ping -c1 -W1 10.77.0.2
            sed -i 's/.*far.test/192.0.2.77 far.test/' /etc/hosts
            told reresolve wg0
            """)
        #expect(said == "status 0\n")
    }

    @Test("an interface in another namespace is changed there, by a name that is known here")
    func namespace() async throws {
        let said = try await Scene.play(
            """
            printf '192.0.2.1 one.test\\n192.0.2.2 two.test\\n' >>/etc/hosts
            ip netns add far; \(write("wg0.conf", Self.file)); quick up --netns far wg0 2>/dev/null || echo no up
            sed -i 's/192.0.2.1/198.51.100.1/' /etc/hosts
            told reresolve; wg show wg0 endpoints | grep -c 198.51.100.1
            quick down wg0 2>/dev/null || echo no down
            """)
        #expect(said == "[#] wg set wg0 peer \(Key.peers[0]) endpoint 198.51.100.1:51820\nstatus 0\n1\n")
    }

    @Test("fails for an interface that is not up, or has no file")
    func missing() async throws {
        let said = try await Scene.play("\(write("wg0.conf", Self.file)); told reresolve wg0; told reresolve wg1")
        #expect(
            said == """
                wg-quick: `wg0' is not a WireGuard interface
                status 1
                wg-quick: `/etc/wireguard/wg1.conf' does not exist
                status 1

                """)
    }
}
