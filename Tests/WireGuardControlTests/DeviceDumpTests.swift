import ByteText
import LinuxSystem
import NetlinkTestSupport
import Testing
import WireGuardControl
import WireGuardKeys
import WireGuardModel

@Suite struct DeviceDumpTests {
    private static let publicKey = [UInt8](repeating: 0xb1, count: 32)
    private static let peerKey = [UInt8](repeating: 0xc1, count: 32)
    private static let otherKey = [UInt8](repeating: 0xc2, count: 32)

    private func dump(_ messages: [[UInt8]]) throws -> Device {
        var dump = DeviceDump(of: InterfaceName("asked"))
        for message in messages { try dump.take(message.span) }
        return dump.device
    }

    private func peer(_ key: [UInt8], _ attributes: [UInt8] = []) -> [UInt8] {
        Bytes.attribute(0, Bytes.attribute(1, key) + attributes, nested: true)
    }

    private func peers(_ peers: [UInt8]...) -> [UInt8] { Bytes.attribute(8, peers.flatMap { $0 }, nested: true) }

    private func allowedIP(_ address: [UInt8], _ length: UInt8) -> [UInt8] {
        let family: UInt16 = address.count == 4 ? 2 : 10
        let entry = Bytes.attribute(1, Bytes.u16(family)) + Bytes.attribute(2, address) + Bytes.attribute(3, [length])
        return Bytes.attribute(0, entry, nested: true)
    }

    private func allowedIPs(_ entries: [UInt8]...) -> [UInt8] {
        Bytes.attribute(9, entries.flatMap { $0 }, nested: true)
    }

    @Test func interfaceWithOnePeerByteForByte() throws {
        let device = try dump([
            [
                0x08, 0x00, 0x01, 0x00, 0x05, 0, 0, 0,  // WGDEVICE_A_IFINDEX: not ours to keep
                0x08, 0x00, 0x02, 0x00, 0x77, 0x67, 0x30, 0x00,  // WGDEVICE_A_IFNAME "wg0"
                0x24, 0x00, 0x04, 0x00,  // WGDEVICE_A_PUBLIC_KEY
            ] + Self.publicKey + [
                0x06, 0x00, 0x06, 0x00, 0x6c, 0xca, 0, 0,  // WGDEVICE_A_LISTEN_PORT 51820
                0x08, 0x00, 0x07, 0x00, 0xfe, 0xca, 0, 0,  // WGDEVICE_A_FWMARK 0xcafe
                0xc0, 0x00, 0x08, 0x80,  // WGDEVICE_A_PEERS
                0xbc, 0x00, 0x00, 0x80,  // the first of them
                0x24, 0x00, 0x01, 0x00,  // WGPEER_A_PUBLIC_KEY
            ] + Self.peerKey + [
                0x24, 0x00, 0x02, 0x00,  // WGPEER_A_PRESHARED_KEY: zeros for none
            ] + [UInt8](repeating: 0, count: 32) + [
                0x14, 0x00, 0x06, 0x00,  // WGPEER_A_LAST_HANDSHAKE_TIME
                0x15, 0xcd, 0x5b, 0x07, 0, 0, 0, 0,  // 123456789 s
                0x07, 0, 0, 0, 0, 0, 0, 0,  // 7 ns
                0x06, 0x00, 0x05, 0x00, 25, 0, 0, 0,  // WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL
                0x0c, 0x00, 0x08, 0x00, 0x10, 0, 0, 0, 0, 0, 0, 0x80,  // WGPEER_A_TX_BYTES
                0x0c, 0x00, 0x07, 0x00, 0x20, 0, 0, 0, 0, 0, 0, 0,  // WGPEER_A_RX_BYTES
                0x08, 0x00, 0x0a, 0x00, 1, 0, 0, 0,  // WGPEER_A_PROTOCOL_VERSION
                0x14, 0x00, 0x04, 0x00,  // WGPEER_A_ENDPOINT: struct sockaddr_in
                2, 0, 0x1f, 0x90, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0,  // 192.0.2.1:8080
                0x20, 0x00, 0x09, 0x80,  // WGPEER_A_ALLOWEDIPS
                0x1c, 0x00, 0x00, 0x80,  // the first of them
                0x05, 0x00, 0x03, 0x00, 24, 0, 0, 0,  // WGALLOWEDIP_A_CIDR_MASK
                0x06, 0x00, 0x01, 0x00, 2, 0, 0, 0,  // WGALLOWEDIP_A_FAMILY: AF_INET
                0x08, 0x00, 0x02, 0x00, 10, 1, 2, 0,  // WGALLOWEDIP_A_IPADDR
            ]
        ])
        #expect(device.name.text == "wg0")
        #expect(device.privateKey == nil)
        #expect(device.publicKey == PublicKey(raw: Self.publicKey.span))
        #expect(device.listenPort == 51820)
        #expect(device.fwmark == 0xcafe)
        let peer = try #require(device.peers.first)
        #expect(device.peers.count == 1)
        #expect(peer.publicKey == PublicKey(raw: Self.peerKey.span))
        #expect(peer.presharedKey == nil)
        #expect(peer.endpoint == Endpoint(address: IPAddress(v4: 0xc000_0201), port: 8080))
        #expect(peer.latestHandshake == HandshakeTime(seconds: 123_456_789, nanoseconds: 7))
        #expect(peer.persistentKeepalive == 25)
        #expect(peer.received == 0x20)
        #expect(peer.sent == 0x8000_0000_0000_0010)
        #expect(Array(peer.allowedIPs) == [AllowedIP(IPAddress(v4: 0x0a01_0200), prefixLength: 24)!])
    }

    @Test func endpointMayBeIPv6WithScope() throws {
        let address: [UInt8] = [0xfe, 0x80] + [UInt8](repeating: 0, count: 13) + [1]
        // struct sockaddr_in6: family, port, flow label, address, scope.
        let endpoint = Bytes.u16(10) + [0, 53] + Bytes.u32(0) + address + Bytes.u32(3)
        let device = try dump([peers(peer(Self.peerKey, Bytes.attribute(4, endpoint)))])
        #expect(device.peers[0].endpoint == Endpoint(address: IPAddress(v6: 0xfe80 << 48, 1), port: 53, scope: 3))
    }

    @Test func allowedIPsContinueInTheNextMessage() throws {
        let keepalive = Bytes.attribute(5, Bytes.u16(9))
        let device = try dump([
            peers(peer(Self.otherKey), peer(Self.peerKey, keepalive + allowedIPs(allowedIP([10, 0, 0, 1], 32)))),
            peers(peer(Self.peerKey, allowedIPs(allowedIP([10, 0, 0, 2], 32), allowedIP([10, 0, 0, 3], 32)))),
            peers(peer(Self.peerKey, allowedIPs(allowedIP([10, 0, 0, 4], 32))), peer(Self.publicKey)),
        ])
        #expect(device.peers.map(\.allowedIPs.count) == [0, 4, 0])
        #expect(device.peers[1].persistentKeepalive == 9)
        #expect(device.peers[1].allowedIPs.map(\.address.low) == [0x0a00_0001, 0x0a00_0002, 0x0a00_0003, 0x0a00_0004])
    }

    @Test func unknownAttributesArePassedOver() throws {
        let future = Bytes.attribute(99, [1, 2, 3])
        let device = try dump([future + peers(peer(Self.peerKey, future)) + future])
        #expect(device.peers.count == 1)
    }

    /// Wherever a message is cut, and whichever content has the wrong size: an error, never half a device.
    @Test func malformedMessagesAreProtocolErrors() {
        let whole = peers(peer(Self.peerKey, allowedIPs(allowedIP([10, 0, 0, 1], 32))))
        for length in 1..<whole.count {
            #expect(throws: Errno.protocolError) { try dump([Array(whole[..<length])]) }
        }
        let wrong: [[UInt8]] = [
            Bytes.attribute(3, [1]), Bytes.attribute(4, [1]), Bytes.attribute(6, [1]), Bytes.attribute(7, [1]),
            peers(Bytes.attribute(0, [])), peers(peer([1])), peers(peer(Self.peerKey, Bytes.attribute(2, [1]))),
            peers(peer(Self.peerKey, Bytes.attribute(6, [1]))), peers(peer(Self.peerKey, Bytes.attribute(7, [1]))),
            peers(peer(Self.peerKey, allowedIPs(allowedIP([10, 0, 0], 8)))),
            peers(peer(Self.peerKey, allowedIPs(allowedIP([10, 0, 0, 0], 33)))),
            peers(peer(Self.peerKey, allowedIPs(Bytes.attribute(0, Bytes.attribute(3, [8]))))),
        ]
        for message in wrong {
            #expect(throws: Errno.protocolError) { try dump([message]) }
        }
    }
}
