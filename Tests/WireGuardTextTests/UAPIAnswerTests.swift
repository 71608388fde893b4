import ByteText
import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardText

@Suite("UAPI answers to get")
struct UAPIAnswerTests {
    private static let peerLine = "public_key=" + Keys.hex(0x11)

    @Test("every key of a device and its peers")
    func everyKey() throws {
        let answer = try read([
            "private_key=" + Keys.alicePrivate, "listen_port=51820", "fwmark=51966",
            "public_key=" + Keys.hex(0x11), "preshared_key=" + Keys.hex(0x22), "endpoint=[2001:db8::1]:51820",
            "last_handshake_time_sec=1700000000", "last_handshake_time_nsec=999999999", "tx_bytes=18446744073709551615",
            "rx_bytes=1", "persistent_keepalive_interval=65535", "allowed_ip=10.0.0.0/8", "allowed_ip=fd00::/64",
            "protocol_version=1", "public_key=" + Keys.hex(0x33), "errno=0", "",
        ])
        let device = answer.device
        #expect(answer.errorCode == 0)
        #expect("\(device.name)" == "wg0")
        #expect(device.privateKey?.hex == Keys.alicePrivate)
        #expect(device.publicKey.map { key in String { key.appendBase64(to: &$0) } } == Keys.alicePublicBase64)
        #expect(device.listenPort == 51820 && device.fwmark == 51966)
        #expect(device.peers.map(\.publicKey.hex) == [Keys.hex(0x11), Keys.hex(0x33)])
        let peer = device.peers[0]
        #expect(peer.presharedKey?.hex == Keys.hex(0x22))
        #expect(peer.endpoint == Endpoint(address: IPAddress(v6: 0x2001_0db8_0000_0000, 1), port: 51820))
        #expect(peer.latestHandshake == HandshakeTime(seconds: 1_700_000_000, nanoseconds: 999_999_999))
        #expect(peer.sent == .max && peer.received == 1 && peer.persistentKeepalive == 65535)
        #expect(peer.allowedIPs.map { prefix in String { prefix.append(to: &$0) } } == ["10.0.0.0/8", "fd00::/64"])
        #expect(Self.isBare(device.peers[1]))
    }

    @Test("what an answer does not say is not there")
    func bare() throws {
        let device = try read(["errno=0", ""]).device
        #expect(device.privateKey == nil && device.publicKey == nil && device.listenPort == 0 && device.fwmark == 0)
        #expect(device.peers.isEmpty)
        #expect(Self.isBare(try read([Self.peerLine, ""]).device.peers[0]))
    }

    @Test("boringtun's answers: its own key's name, and what it does not know of ours")
    func boringtun() throws {
        let device = try read([
            "own_public_key=" + Keys.hex(0x55), "listen_port=51820", Self.peerLine, "last_handshake_time_sec=12",
            "last_handshake_time_nsec=5", "rx_bytes=148", "tx_bytes=92", "errno=0", "",
        ]).device
        #expect(device.privateKey == nil && device.publicKey == nil)
        #expect(device.peers.map(\.latestHandshake) == [HandshakeTime(seconds: 12, nanoseconds: 5)])
    }

    @Test("unknown keys, and keys out of their place, are passed over whatever their value")
    func unknownKeys() throws {
        let device = try read([
            "=", "=5", "foo=", "foo=1=2", "LISTEN_PORT=x", "listen_port =5", "endpoint=x", "rx_bytes=x", "allowed_ip=x",
            "listen_port=7", Self.peerLine, "listen_port=x", "private_key=x", "fwmark=x", "own_public_key=x",
            "RX_BYTES=x", "errno=0", "",
        ]).device
        #expect(device.listenPort == 7 && device.peers.count == 1)
        #expect(Self.isBare(device.peers[0]))
    }

    @Test("the last of a key counts; the same peer twice is two")
    func repetitions() throws {
        let answer = try read([
            "listen_port=1", "listen_port=2", "errno=5", "private_key=" + Keys.hex(0x99),
            "private_key=" + Keys.alicePrivate, Self.peerLine, "endpoint=1.2.3.4:5", "endpoint=1.2.3.4:6", "rx_bytes=1",
            "rx_bytes=2", "preshared_key=" + Keys.hex(0x22), "preshared_key=" + Keys.hex(0), Self.peerLine,
            "errno=0", "tx_bytes=3", "",
        ])
        let peers = answer.device.peers
        #expect(answer.errorCode == 0 && answer.device.listenPort == 2)
        #expect(answer.device.privateKey?.hex == Keys.alicePrivate)
        #expect(peers.map(\.received) == [2, 0] && peers.map(\.sent) == [0, 3])
        #expect(peers[0].endpoint?.port == 6 && peers[0].presharedKey == nil)
    }

    @Test(
        "values at their ends",
        arguments: [
            ("listen_port=65535", false), ("fwmark=4294967295", false), ("listen_port=000000000001", false),
            ("private_key=" + Keys.hex(0xAB).uppercased(), false), ("private_key=" + Keys.hex(0), false),
            ("errno=2147483647", true), ("rx_bytes=18446744073709551616", true),
            ("tx_bytes=99999999999999999999999999", true), ("last_handshake_time_sec=9223372036854775807", true),
            ("last_handshake_time_nsec=9223372036854775807", true), ("persistent_keepalive_interval=0", true),
            ("allowed_ip=1.2.3.4/8", true), ("allowed_ip=::/128", true), ("allowed_ip=1.2.3.4/256", true),
            ("allowed_ip=1.2.3.4/264", true), ("endpoint=::1:5", true), ("endpoint=1.2.3.4:0", true),
            ("endpoint=known:7", true), ("preshared_key=" + Keys.hex(0xff).uppercased(), true),
        ])
    func accepted(_ line: String, _ ofPeer: Bool) {
        #expect(throws: Never.self) { try read((ofPeer ? [Self.peerLine] : []) + [line, ""]) }
    }

    @Test(
        "values beyond them",
        arguments: [
            ("garbage", false), ("private_key=", false), ("private_key=" + Keys.hex(1).dropLast(), false),
            ("private_key=" + Keys.hex(1) + "0", false), ("private_key=g" + Keys.hex(1).dropFirst(), false),
            ("public_key=", false), ("public_key=" + Keys.hex(1).dropLast() + " ", false), ("listen_port=", false),
            ("listen_port=65536", false), ("listen_port=-1", false), ("listen_port=+1", false),
            ("listen_port=1 ", false), ("listen_port=1\r", false), ("listen_port=0x1", false),
            ("fwmark=4294967296", false), ("fwmark=0xcafe", false), ("fwmark=off", false), ("errno=", false),
            ("errno=-5", false), ("errno=2147483648", false), ("errno=x", true), ("unknown\0=1", false),
            ("unknown=\0", true), ("unknown", true), ("rx_bytes=", true), ("rx_bytes=-1", true), ("tx_bytes=1x", true),
            ("tx_bytes=99999999999999999999x", true), ("last_handshake_time_sec=9223372036854775808", true),
            ("last_handshake_time_sec=-1", true), ("last_handshake_time_nsec=18446744073709551616", true),
            ("persistent_keepalive_interval=65536", true), ("persistent_keepalive_interval=off", true),
            ("preshared_key=0", true), ("preshared_key=" + Keys.hex(0) + "0", true), ("allowed_ip=", true),
            ("allowed_ip=1.2.3.4", true), ("allowed_ip=1.2.3.4/", true), ("allowed_ip=1.2.3.4/33", true),
            ("allowed_ip=::/129", true), ("allowed_ip=1.2.3.4/289", true), ("allowed_ip=-1.2.3.4/32", true),
            ("allowed_ip=1.2.3/32", true), ("allowed_ip=1.2.3.4/8/8", true), ("endpoint=", true),
            ("endpoint=1.2.3.4", true),
            ("endpoint=1.2.3.4:", true), ("endpoint=[::1", true), ("endpoint=[::1]", true), ("endpoint=nobody:5", true),
        ] as [(String, Bool)])
    func malformed(_ line: String, _ ofPeer: Bool) {
        #expect(throws: UAPIAnswer.Malformed.self) { try read((ofPeer ? [Self.peerLine] : []) + [line, ""]) }
    }

    @Test("allowed-ips keep bits behind the prefix, of whose number eight bits count")
    func prefixes() throws {
        let lines = ["allowed_ip=1.2.3.4/8", "allowed_ip=1.2.3.4/264", "allowed_ip=1.2.3.4/18446744073709551376"]
        let peer = try read([Self.peerLine] + lines + [""]).device.peers[0]
        #expect(
            peer.allowedIPs.map { prefix in String { prefix.append(to: &$0) } } == [
                "1.2.3.4/8", "1.2.3.4/8", "1.2.3.4/16",
            ])
    }

    @Test("endpoints that are no plain numbers are looked up, others not")
    func lookUp() throws {
        var asked: [String] = []
        let endpoint = Endpoint(address: IPAddress(v6: 0xfe80 << 48, 1), port: 5, scope: 2)
        var answer = UAPIAnswer(from: InterfaceName("wg0")) { name in
            asked.append("\(name.host) \(name.port)")
            return endpoint
        }
        for line in [Self.peerLine, "endpoint=1.2.3.4:5", "endpoint=[fe80::1%2]:5", ""] {
            let bytes = line.bytes
            _ = try answer.take(line: bytes.span)
        }
        #expect(asked == ["fe80::1%2 5"])
        #expect(answer.device.peers[0].endpoint == endpoint)
    }

    @discardableResult
    private func read(_ lines: [String]) throws(UAPIAnswer.Malformed) -> UAPIAnswer {
        var answer = UAPIAnswer(from: InterfaceName("wg0")) { name in
            name.host == "known" ? Endpoint(address: IPAddress(v4: 1), port: 7) : nil
        }
        for line in lines {
            let bytes = line.bytes
            let goesOn = try answer.take(line: bytes.span)
            #expect(goesOn == !line.isEmpty)
        }
        return answer
    }

    private static func isBare(_ peer: Peer) -> Bool {
        peer.presharedKey == nil && peer.endpoint == nil && peer.allowedIPs.isEmpty && peer.persistentKeepalive == 0
            && peer.received == 0 && peer.sent == 0 && peer.latestHandshake == HandshakeTime(seconds: 0, nanoseconds: 0)
    }
}
