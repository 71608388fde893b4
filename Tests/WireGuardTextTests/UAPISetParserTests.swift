import ByteText
import Glibc
import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardText

/// What is refused and with which number is what wireguard-go 0.0.20220316 and 0.0.20250522 answered to the
/// same lines, unless a test says otherwise.
@Suite("UAPI set requests, read")
struct UAPISetParserTests {
    private static let peerLine = "public_key=" + Keys.hex(0x11)

    @Test("every key of an interface and its peers")
    func everyKey() throws {
        let lines = [
            "private_key=" + Keys.aliceClamped, "listen_port=51820", "fwmark=51966", "replace_peers=true",
            Self.peerLine, "update_only=true", "preshared_key=" + Keys.hex(0x22), "endpoint=[2001:db8::1]:65535",
            "persistent_keepalive_interval=25", "replace_allowed_ips=true", "allowed_ip=10.0.0.0/8",
            "allowed_ip=-fd00::/64", "allowed_ip=1.2.3.4/0",
        ]
        let update = try read(lines + ["public_key=" + Keys.hex(0x33), "remove=true"])
        #expect(update.privateKey == .set(PrivateKey(hex: Keys.aliceClamped.bytes.span)!))
        #expect(update.listenPort == 51820 && update.fwmark == 51966 && update.replacePeers)
        #expect(update.peers.map(\.publicKey.hex) == [Keys.hex(0x11), Keys.hex(0x33)])
        #expect(update.peers.map(\.remove) == [false, true])
        let peer = update.peers[0]
        #expect(peer.updateOnly && peer.presharedKey == .set(Keys.secret(0x22)) && peer.replaceAllowedIPs)
        #expect(peer.endpoint == Endpoint(address: IPAddress(v6: 0x2001_0db8 << 32, 1), port: 65535))
        #expect(peer.persistentKeepalive == 25)
        #expect(update.requestLines == lines + ["public_key=" + Keys.hex(0x33), "remove=true"])
    }

    @Test("what a request does not say stays as it is")
    func bare() throws {
        let update = try read([Self.peerLine, "protocol_version=1"])
        #expect(update.privateKey == nil && update.listenPort == nil && update.fwmark == nil && !update.replacePeers)
        let peer = try #require(update.peers.first)
        #expect(!peer.remove && !peer.updateOnly && peer.presharedKey == nil && peer.endpoint == nil)
        #expect(peer.persistentKeepalive == nil && !peer.replaceAllowedIPs && peer.allowedIPs.isEmpty)
        #expect(try read([]).requestLines == [])
    }

    @Test("keys of zeros clear")
    func zeros() throws {
        let update = try read(["private_key=" + Keys.hex(0), Self.peerLine, "preshared_key=" + Keys.hex(0)])
        #expect(update.privateKey == .clear && update.peers[0].presharedKey == .clear)
    }

    @Test("the last of a key counts; the same peer twice is two changes; replacing forgets what stood before")
    func repetitions() throws {
        let update = try read([
            "fwmark=1", "fwmark=2", Self.peerLine, "endpoint=1.2.3.4:5", "endpoint=1.2.3.5:6", "allowed_ip=10.0.0.0/8",
            "replace_allowed_ips=true", "allowed_ip=10.1.0.0/16", Self.peerLine, "allowed_ip=10.2.0.0/16",
        ])
        #expect(
            update.requestLines == [
                "fwmark=2", Self.peerLine, "endpoint=1.2.3.5:6", "replace_allowed_ips=true", "allowed_ip=10.1.0.0/16",
                Self.peerLine, "allowed_ip=10.2.0.0/16",
            ])
    }

    @Test(
        "values that are taken",
        arguments: [
            ("listen_port=0005553", "listen_port=5553"), ("listen_port=65535", nil), ("fwmark=4294967295", nil),
            ("private_key=" + Keys.aliceClamped.uppercased(), "private_key=" + Keys.aliceClamped),
            ("private_key=" + Keys.alicePrivate, "private_key=" + Keys.aliceClamped),
            ("private_key=" + Keys.hex(0xff), "private_key=f8" + Keys.hex(0xff).dropFirst(4) + "7f"),
        ] as [(String, String?)])
    func interfaceValues(_ line: String, _ meaning: String?) throws {
        #expect(try read([line]).requestLines == [meaning ?? line])
    }

    @Test(
        "values of a peer that are taken",
        arguments: [
            ("endpoint=1.2.3.4:0", nil), ("endpoint=1.2.3.4:05", "endpoint=1.2.3.4:5"), ("endpoint=[::1]:5", nil),
            ("endpoint=[::ffff:1.2.3.4]:5", nil), ("endpoint=[2001:db8::1%7]:5", nil), ("endpoint=[fe80::1%lo]:5", nil),
            ("endpoint=[fe80::1%1]:5", "endpoint=[fe80::1%lo]:5"), ("endpoint=[fe80::1%99999]:5", nil),
            ("persistent_keepalive_interval=65535", nil), ("persistent_keepalive_interval=0", nil),
            ("allowed_ip=10.0.0.5/8", nil), ("allowed_ip=0.0.0.0/0", nil), ("allowed_ip=::/0", nil),
            ("allowed_ip=::ffff:1.2.3.4/128", nil), ("allowed_ip=-10.0.0.0/8", nil),
        ] as [(String, String?)])
    func peerValues(_ line: String, _ meaning: String?) throws {
        #expect(try read([Self.peerLine, line]).requestLines == [Self.peerLine, meaning ?? line])
    }

    @Test("lines without an equals sign are EPROTO", arguments: ["listen_port", " ", "public_key", "\r"])
    func noField(_ line: String) {
        #expect(refusal(of: [line]) == EPROTO)
        #expect(refusal(of: [Self.peerLine, line]) == EPROTO)
    }

    @Test(
        "unknown keys, keys out of their place and values that are none are EINVAL",
        arguments: [
            "foo=1", "=5", "=", "get=1", "set=1", "errno=0", "listen_port=", "listen_port=+5", "listen_port=65536",
            "listen_port=0x10", "listen_port=-1", "listen_port= 5", "listen_port=5\r", "listen_port=5\0",
            "LISTEN_PORT=5",
            "fwmark=0x5", "fwmark=", "fwmark=4294967296", "fwmark=off", "replace_peers=false", "replace_peers=1",
            "replace_peers=", "private_key=00", "private_key=" + Keys.hex(1) + "0", "public_key=11", "public_key=",
            "public_key=" + Keys.hex(1).dropLast() + "g", "preshared_key=" + Keys.hex(1), "endpoint=1.2.3.4:5",
            "persistent_keepalive_interval=5", "replace_allowed_ips=true", "allowed_ip=10.0.0.0/8",
            "protocol_version=1", "remove=true", "update_only=true",
        ])
    func invalidInterfaceFields(_ line: String) { #expect(refusal(of: [line]) == EINVAL) }

    @Test(
        "the same in a peer",
        arguments: [
            "foo=1", "=5", "private_key=" + Keys.hex(1), "listen_port=5", "fwmark=5", "replace_peers=true",
            "remove=false", "remove=1", "remove=", "update_only=false", "replace_allowed_ips=false",
            "replace_allowed_ips=1", "preshared_key=00", "preshared_key=", "endpoint=", "endpoint=1.2.3.4",
            "endpoint=1.2.3.4:", "endpoint=1.2.3.4:65536", "endpoint=1.2.3.4:+5", "endpoint=1.2.3.4:http",
            "endpoint=01.2.3.4:5", "endpoint=::1:5", "endpoint=[1.2.3.4]:5", "endpoint=[::1]5", "endpoint=localhost:5",
            "endpoint=[fe80::1%no/such]:5", "endpoint=[fe80::1%]:5", "endpoint=[fe80::1%lo\0]:5",
            "endpoint=1.2.3.4%1:5",
            "persistent_keepalive_interval=65536", "persistent_keepalive_interval=off",
            "persistent_keepalive_interval=", "allowed_ip=", "allowed_ip=-", "allowed_ip=10.0.0.5",
            "allowed_ip=10.0.0.0/33", "allowed_ip=10.0.0.0/08", "allowed_ip=10.0.0.0/+8", "allowed_ip=10.0.0.0/",
            "allowed_ip=+10.0.0.0/8", "allowed_ip=--10.0.0.0/8", "allowed_ip=10.0.0.0/8,10.1.0.0/16",
            "allowed_ip=fe80::1%1/64", "allowed_ip=::/129", "protocol_version=2", "protocol_version=01", "rx_bytes=5",
            "last_handshake_time_sec=1", "errno=0",
        ])
    func invalidPeerFields(_ line: String) { #expect(refusal(of: [Self.peerLine, line]) == EINVAL) }

    @Test("a peer that is removed must be well described all the same")
    func removedPeer() {
        #expect(refusal(of: [Self.peerLine, "remove=true", "allowed_ip=x"]) == EINVAL)
    }

    private func read(_ lines: [String]) throws(UAPIRefusal) -> DeviceUpdate {
        var parser = UAPISetParser(for: InterfaceName("wg0"))
        for line in lines {
            let bytes = line.bytes
            try parser.take(line: bytes.span)
        }
        return parser.finish()
    }

    private func refusal(of lines: [String]) -> Int32? {
        do throws(UAPIRefusal) {
            _ = try read(lines)
            return nil
        } catch {
            return error.code
        }
    }
}

extension Keys {
    fileprivate static let aliceClamped = "70" + alicePrivate.dropFirst(2).dropLast(2) + "6a"
}
