import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardText

@Suite("show and showconf, for scripts")
struct ScriptFormatTests {
    private let peer1 = Keys.base64[0]
    private let peer2 = Keys.base64[2]
    private let peer3 = Keys.base64[3]

    @Test func dump() {
        let expected = [
            "\(Keys.alicePrivateBase64)\t\(Keys.alicePublicBase64)\t51820\t0xcafe\n",
            "\(peer2)\t(none)\t(none)\t(none)\t0\t0\t0\toff\n",
            "\(peer1)\t\(Keys.base64[1])\t192.0.2.1:51820\t10.0.0.0/8,fd00::/64\t1699995000\t2000000\t1500\t25\n",
            "\(peer3)\t(none)\t[2001:db8::1]:5\t1.2.3.4/8\t1700000000\t7\t0\toff\n",
        ]
        #expect(String(.example, as: DumpFormat(namesInterface: false)) == expected.joined())
        #expect(String(.example, as: DumpFormat(namesInterface: true)) == expected.map { "wg0\t" + $0 }.joined())
        #expect(String(.bare, as: DumpFormat(namesInterface: false)) == "(none)\t(none)\t0\toff\n")
        #expect(String(.bare, as: DumpFormat(namesInterface: true)) == "wg0\t(none)\t(none)\t0\toff\n")
    }

    @Test("one field of the interface")
    func interfaceFields() {
        let fields: [(ShowField, String, String)] = [
            (.publicKey, Keys.alicePublicBase64, "(none)"), (.privateKey, Keys.alicePrivateBase64, "(none)"),
            (.listenPort, "51820", "0"), (.fwmark, "0xcafe", "off"),
        ]
        for (field, value, none) in fields {
            for (device, value) in [(Device.example, value), (.bare, none)] {
                #expect(String(device, as: FieldFormat(field, namesInterface: false)) == value + "\n")
                #expect(String(device, as: FieldFormat(field, namesInterface: true)) == "wg0\t\(value)\n")
            }
        }
    }

    @Test("one field of every peer, in the device's order")
    func peerFields() {
        let fields: [(ShowField, [String])] = [
            (.peers, ["", "", ""]), (.presharedKeys, ["\t(none)", "\t" + Keys.base64[1], "\t(none)"]),
            (.endpoints, ["\t(none)", "\t192.0.2.1:51820", "\t[2001:db8::1]:5"]),
            (.allowedIPs, ["\t(none)", "\t10.0.0.0/8 fd00::/64", "\t1.2.3.4/8"]),
            (.latestHandshakes, ["\t0", "\t1699995000", "\t1700000000"]),
            (.transfer, ["\t0\t0", "\t2000000\t1500", "\t7\t0"]), (.persistentKeepalive, ["\toff", "\t25", "\toff"]),
        ]
        for (field, values) in fields {
            let lines = zip([peer2, peer1, peer3], values).map { $0 + $1 + "\n" }
            #expect(String(.example, as: FieldFormat(field, namesInterface: false)) == lines.joined())
            #expect(
                String(.example, as: FieldFormat(field, namesInterface: true)) == lines.map { "wg0\t" + $0 }.joined())
            #expect(String(.bare, as: FieldFormat(field, namesInterface: true)) == "")
        }
    }

    @Test("fields are called what scripts call them")
    func names() {
        #expect(
            ShowField.allCases.map(\.rawValue) == [
                "public-key", "private-key", "listen-port", "fwmark", "peers", "preshared-keys", "endpoints",
                "allowed-ips",
                "latest-handshakes", "transfer", "persistent-keepalive",
            ])
    }

    @Test func config() {
        #expect(
            String(.example, as: ConfigFormat()) == """
                [Interface]
                ListenPort = 51820
                FwMark = 0xcafe
                PrivateKey = dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=

                [Peer]
                PublicKey = MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM=

                [Peer]
                PublicKey = ERERERERERERERERERERERERERERERERERERERERERE=
                PresharedKey = IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=
                AllowedIPs = 10.0.0.0/8, fd00::/64
                Endpoint = 192.0.2.1:51820
                PersistentKeepalive = 25

                [Peer]
                PublicKey = REREREREREREREREREREREREREREREREREREREREREQ=
                AllowedIPs = 1.2.3.4/8
                Endpoint = [2001:db8::1]:5

                """)
        #expect(String(.bare, as: ConfigFormat()) == "[Interface]\n\n")
    }

    @Test("numbers at their ends")
    func extremes() {
        var device = Device.bare
        var peer = Peer(publicKey: Keys.publicKey(0x11))
        (peer.received, peer.sent, peer.persistentKeepalive) = (.max, .max, .max)
        peer.latestHandshake = HandshakeTime(seconds: .max, nanoseconds: .max)
        (device.listenPort, device.fwmark, device.peers) = (.max, .max, [peer])
        #expect(
            String(device, as: DumpFormat(namesInterface: false)) == """
                (none)\t(none)\t65535\t0xffffffff
                \(peer1)\t(none)\t(none)\t(none)\t9223372036854775807\t18446744073709551615\t18446744073709551615\t65535

                """)
    }
}
