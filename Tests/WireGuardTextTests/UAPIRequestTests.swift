import ByteText
import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardText

@Suite("UAPI requests")
struct UAPIRequestTests {
    @Test("asks for everything")
    func get() {
        #expect(String { UAPIRequest.appendGet(to: &$0) } == "get=1\n\n")
    }

    @Test("writes every field of an update")
    func everyField() {
        var update = DeviceUpdate(name: InterfaceName("wg0"))
        (update.privateKey, update.listenPort) = (.set(Keys.secret(0xab)), 51820)
        (update.fwmark, update.replacePeers) = (0xffff_ffff, true)
        var peer = PeerUpdate(publicKey: Keys.publicKey(0x11))
        (peer.updateOnly, peer.presharedKey) = (true, .set(Keys.secret(0x22)))
        peer.endpoint = Endpoint(address: IPAddress(v6: 0x2001_0db8_0000_0000, 1), port: 65535)
        (peer.persistentKeepalive, peer.replaceAllowedIPs) = (25, true)
        peer.allowedIPs = [
            AllowedIPChange(AllowedIP(IPAddress(v4: 0x0a00_0000), prefixLength: 8)!),
            AllowedIPChange(AllowedIP(IPAddress(v6: 0xfd00 << 48, 0), prefixLength: 64)!, removes: true),
            AllowedIPChange(AllowedIP(IPAddress(v4: 0x0102_0304), prefixLength: 0)!),
        ]
        #expect(
            text(beginningOf: update) == """
                set=1
                private_key=abababababababababababababababababababababababababababababababab
                listen_port=51820
                fwmark=4294967295
                replace_peers=true

                """)
        #expect(
            text(of: peer) == """
                public_key=1111111111111111111111111111111111111111111111111111111111111111
                update_only=true
                preshared_key=2222222222222222222222222222222222222222222222222222222222222222
                endpoint=[2001:db8::1]:65535
                persistent_keepalive_interval=25
                replace_allowed_ips=true
                allowed_ip=10.0.0.0/8
                allowed_ip=-fd00::/64
                allowed_ip=1.2.3.4/0

                """)
    }

    @Test("leaves out what does not change")
    func nothing() {
        let update = DeviceUpdate(name: InterfaceName("wg0"))
        #expect(text(beginningOf: update) == "set=1\n")
        #expect(String { UAPIRequest.appendEnd(to: &$0) } == "\n")
        #expect(text(of: PeerUpdate(publicKey: Keys.publicKey(0x11))) == "public_key=\(Keys.hex(0x11))\n")
    }

    @Test("takes away by zeros")
    func zeros() {
        var update = DeviceUpdate(name: InterfaceName("wg0"))
        (update.privateKey, update.listenPort, update.fwmark) = (.clear, 0, 0)
        #expect(text(beginningOf: update) == "set=1\nprivate_key=\(Keys.hex(0))\nlisten_port=0\nfwmark=0\n")
        var peer = PeerUpdate(publicKey: Keys.publicKey(0x11))
        (peer.presharedKey, peer.persistentKeepalive) = (.clear, 0)
        #expect(
            text(of: peer)
                == "public_key=\(Keys.hex(0x11))\npreshared_key=\(Keys.hex(0))\npersistent_keepalive_interval=0\n")
    }

    @Test("removes without another word")
    func removal() {
        var peer = PeerUpdate(publicKey: Keys.publicKey(0x11))
        (peer.remove, peer.updateOnly, peer.replaceAllowedIPs) = (true, true, true)
        (peer.presharedKey, peer.persistentKeepalive) = (.clear, 5)
        #expect(text(of: peer) == "public_key=\(Keys.hex(0x11))\nremove=true\n")
    }

    private func text(beginningOf update: DeviceUpdate) -> String {
        String { UAPIRequest.appendBeginning(of: update, to: &$0) }
    }

    private func text(of peer: PeerUpdate) -> String { String { UAPIRequest.append(peer, to: &$0) } }
}
