import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

@testable import WireGuardEngine

/// Packets from the TUN interface, and whether they are outer datagrams of ours.
@Suite("Our own datagrams in the tunnel")
struct OwnDatagramsTests {
    private let own = OwnDatagrams()
    private let tunnel = Tunnel()

    @Test("are known by the receiver index of data messages that went out", arguments: [false, true])
    func data(_ isV6: Bool) {
        let packet = datagram(isV6, type: 4, index: 0xabcd_1234)
        #expect(!contains(packet))
        own.note(receiver: 0xabcd_1234)
        #expect(contains(packet))
        #expect(!contains(datagram(isV6, type: 4, index: 0xabcd_1235)))
        #expect(!contains(datagram(isV6, type: 5, index: 0xabcd_1234)))
        // Index 0 marks an unused slot.
        #expect(!contains(datagram(isV6, type: 4, index: 0)))
    }

    @Test("are known by the first fragment, which is all that has ports")
    func fragments() {
        own.note(receiver: 77)
        let whole = datagram(true, type: 4, index: 77)
        let first = Array(whole[..<6]) + [44] + whole[7..<40] + [17, 0, 0, 1, 0, 0, 0, 9] + whole[40...]
        #expect(contains(withLength(first)))
        var second = first
        (second[42], second[43]) = (5, 0xa9)
        #expect(!contains(withLength(second)))
    }

    @Test("are not those that are too short, not UDP, or of another's tunnel inside ours")
    func others() {
        own.note(receiver: 77)
        let packet = datagram(false, type: 4, index: 77)
        var tcp = packet
        tcp[9] = 6
        #expect(!contains(tcp))
        #expect(!contains(withLength(Array(packet[..<35]))))
        for length in 20..<packet.count { _ = contains(withLength(Array(packet[..<length]))) }
        for index in UInt32(78)..<1000 { #expect(!contains(datagram(false, type: 4, index: index))) }
    }

    @Test("are known by our index in a handshake message")
    func handshakes() throws {
        var update = DeviceUpdate(name: InterfaceName("wg"))
        update.privateKey = .set(.generate())
        var peer = PeerUpdate(publicKey: PrivateKey.generate().publicKey)
        peer.endpoint = Endpoint(address: IPAddress(v4: 1), port: 1)
        update.peers = [peer]
        let now = Moment(Instant(nanoseconds: 1_000_000_000_000), wall: HandshakeTime(seconds: 1, nanoseconds: 0))
        _ = tunnel.start(now.instant)
        update.peers[0].persistentKeepalive = 1
        for alarm in tunnel.apply(update, now.instant) {
            _ = keepalive(alarm.peer, now)
            let initiation = try #require(tunnel.serve(alarm.peer, alarm: nil, at: now).initiation)
            let bytes = [UInt8](copying: initiation.span)
            let index = bytes[4..<8].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            #expect(contains(datagram(false, type: 1, index: index)))
            #expect(!contains(datagram(false, type: 1, index: index &+ 1)))
        }
    }

    private func keepalive(_ peer: TunnelPeer, _ now: Moment) -> TunnelPeer.Permission {
        var alarm: Instant?
        return peer.beginSending(TunnelPeer.Batch(), now.instant, alarm: &alarm)
    }

    // MARK: Packets

    private func contains(_ packet: [UInt8]) -> Bool {
        packet.withUnsafeBytes { bytes in
            guard let inner = InnerPacket(bytes) else { return false }
            return own.contains(bytes, inner, tunnel)
        }
    }

    private func datagram(_ isV6: Bool, type: UInt8, index: UInt32) -> [UInt8] {
        let header: [UInt8] =
            isV6
            ? [0x60, 0, 0, 0, 0, 0, 17, 64] + [UInt8](repeating: 0xfd, count: 32)
            : [0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]
        let message = [type, 0, 0, 0] + withUnsafeBytes(of: index.littleEndian) { Array($0) }
        return withLength(header + [0xca, 0x6c, 0xca, 0x6c, 0, 0, 0, 0] + message + [UInt8](repeating: 1, count: 40))
    }

    private func withLength(_ packet: [UInt8]) -> [UInt8] {
        var packet = packet
        let (place, length) = packet[0] >> 4 == 4 ? (2, packet.count) : (4, packet.count - 40)
        packet[place] = UInt8(max(length, 0) >> 8)
        packet[place + 1] = UInt8(max(length, 0) & 255)
        return packet
    }
}
