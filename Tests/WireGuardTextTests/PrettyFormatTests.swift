import ByteText
import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardText

@Suite("show, for people")
struct PrettyFormatTests {
    @Test("newest handshake first, keys hidden")
    func plain() {
        #expect(
            String(.example, as: PrettyFormat(colored: false, hidesKeys: true, now: Device.now)) == """
                interface: wg0
                  public key: hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=
                  private key: (hidden)
                  listening port: 51820
                  fwmark: 0xcafe

                peer: REREREREREREREREREREREREREREREREREREREREREQ=
                  endpoint: [2001:db8::1]:5
                  allowed ips: 1.2.3.4/8
                  latest handshake: Now
                  transfer: 7 B received, 0 B sent

                peer: ERERERERERERERERERERERERERERERERERERERERERE=
                  preshared key: (hidden)
                  endpoint: 192.0.2.1:51820
                  allowed ips: 10.0.0.0/8, fd00::/64
                  latest handshake: 1 hour, 23 minutes, 20 seconds ago
                  transfer: 1.91 MiB received, 1.46 KiB sent
                  persistent keepalive: every 25 seconds

                peer: MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM=
                  allowed ips: (none)

                """)
    }

    @Test("keys shown to those who ask for it")
    func keys() {
        let text = String(.example, as: PrettyFormat(colored: false, hidesKeys: false, now: Device.now))
        #expect(text.contains("\n  private key: dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=\n"))
        #expect(text.contains("\n  preshared key: IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=\n"))
        #expect(!text.contains("(hidden)"))
    }

    @Test("coloured")
    func colored() {
        var device = Device.example
        device.peers[2].latestHandshake.seconds = Device.now + 1
        let text = String(device, as: PrettyFormat(colored: true, hidesKeys: true, now: Device.now))
        let expected = """
            <0><32><1>interface<0>: <32>wg0<0>
              <1>public key<0>: hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=
              <1>private key<0>: (hidden)
              <1>listening port<0>: 51820
              <1>fwmark<0>: 0xcafe

            <33><1>peer<0>: <33>REREREREREREREREREREREREREREREREREREREREREQ=<0>
              <1>endpoint<0>: [2001:db8::1]:5
              <1>allowed ips<0>: 1.2.3.4<36>/<0>8
              <1>latest handshake<0>: (<31>System clock wound backward; connection problems may ensue.<0>)
              <1>transfer<0>: 7 <36>B<0> received, 0 <36>B<0> sent

            <33><1>peer<0>: <33>ERERERERERERERERERERERERERERERERERERERERERE=<0>
              <1>preshared key<0>: (hidden)
              <1>endpoint<0>: 192.0.2.1:51820
              <1>allowed ips<0>: 10.0.0.0<36>/<0>8, fd00::<36>/<0>64
              <1>latest handshake<0>: 1 <36>hour<0>, 23 <36>minutes<0>, 20 <36>seconds<0> ago
              <1>transfer<0>: 1.91 <36>MiB<0> received, 1.46 <36>KiB<0> sent
              <1>persistent keepalive<0>: every 25 <36>seconds<0>

            <33><1>peer<0>: <33>MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM=<0>
              <1>allowed ips<0>: (none)

            """
        #expect(text.replacing("\u{1b}[", with: "<") == expected.replacing(/<([0-9]+)>/) { "<\($0.1)m" })
    }

    @Test("a bare interface is its name")
    func bare() {
        #expect(String(.bare, as: PrettyFormat(colored: false, hidesKeys: true, now: 0)) == "interface: wg0\n")
    }

    @Test("a handshake of the year 1970 counts as none")
    func nanosecondsOnly() {
        var device = Device.bare
        device.peers = [Peer(publicKey: Keys.publicKey(0x11))]
        device.peers[0].latestHandshake.nanoseconds = 5
        let text = String(device, as: PrettyFormat(colored: false, hidesKeys: true, now: 0))
        #expect(!text.contains("handshake"))
    }

    @Test("the order is a stable sort by seconds and nanoseconds, newest first")
    func order() {
        var random = SeededRandom(8)
        let format = PrettyFormat(colored: false, hidesKeys: true, now: 0)
        for _ in Rounds.usual(300) {
            let peers = (0..<random.below(12)).map { _ in
                var peer = Peer(publicKey: Keys.publicKey(1))
                peer.latestHandshake = HandshakeTime(
                    seconds: Int64(random.below(3)), nanoseconds: Int64(random.below(2)))
                return peer
            }
            // Insertion, behind all that are no older.
            var expected: [Int] = []
            for index in peers.indices {
                let place = expected.firstIndex { peers[$0].latestHandshake < peers[index].latestHandshake }
                expected.insert(index, at: place ?? expected.count)
            }
            #expect(format.order(of: peers)?.map(Int.init) == expected)
        }
    }
}
