internal import Synchronization
internal import WireGuardModel
internal import WireGuardProtocol

/// Recognizes our own outer datagrams when they come back out of the TUN interface, because the route to a peer leads
/// into it. Sent into the tunnel again, each would loop for ever.
///
/// They are recognized by their receiver index: random, 32 bits, not encrypted. A nested tunnel of another interface
/// has other indices.
final class OwnDatagrams: Sendable {
    /// Receiver indices of recent data messages, in slots chosen by their low bits. If two share a slot, a datagram of
    /// one may loop once more.
    private let receivers = InlineArray<1024, Atomic<UInt32>> { _ in Atomic(0) }

    /// Records that data messages to this receiver are sent.
    @inline(__always)
    func note(receiver: UInt32) {
        let place = place(of: receiver)
        // Usually it is there already: the workers then only read the cache line.
        if receivers[place].load(ordering: .relaxed) != receiver {
            receivers[place].store(receiver, ordering: .relaxed)
        }
    }

    /// Whether an inner packet is one of ours. Costs a comparison for UDP, and nothing else unless it begins like a
    /// WireGuard message.
    @inline(__always)
    func contains(_ packet: UnsafeRawBufferPointer, _ inner: InnerPacket, _ tunnel: Tunnel) -> Bool {
        guard let start = Self.startOfUDP(in: packet, inner), packet.count >= start + Self.shortest else {
            return false
        }
        let content = start + Self.udpHeader
        let type = UInt32(littleEndian: packet.loadUnaligned(fromByteOffset: content, as: UInt32.self))
        guard 1...4 ~= type else { return false }
        return isOurs(type, index: packet.loadUnaligned(fromByteOffset: content + 4, as: UInt32.self), tunnel)
    }

    private func place(of receiver: UInt32) -> Int { Int(receiver % UInt32(receivers.count)) }

    private static let udpHeader = 8
    /// Bytes of UDP header, message type and index.
    private static let shortest = 16

    /// In data messages the index is the receiver's, in initiations and responses it is ours.
    private func isOurs(_ type: UInt32, index: UInt32, _ tunnel: Tunnel) -> Bool {
        let index = UInt32(littleEndian: index)
        switch type {
        case 4: return receivers[place(of: index)].load(ordering: .relaxed) == index && index != 0
        case 1, 2: return tunnel.knows(index: index)
        // Cookie replies are not repeated: one that comes back loops once.
        default: return false
        }
    }

    /// The offset of the UDP header. Only the first fragment of a datagram has it.
    @inline(__always)
    private static func startOfUDP(in packet: UnsafeRawBufferPointer, _ inner: InnerPacket) -> Int? {
        switch inner.protocolNumber {
        case IPProtocol.udp:
            return inner.source.family == .v4 ? Int(packet[0] & 15) * 4 : InnerPacket.headerLengthV6
        case IPProtocol.fragment where inner.source.family == .v6:
            return startOfUDPBehindFragment(packet)
        default: return nil
        }
    }

    /// The fragment header (RFC 8200, section 4.5) holds next header, reserved, offset.
    private static func startOfUDPBehindFragment(_ packet: UnsafeRawBufferPointer) -> Int? {
        let header = InnerPacket.headerLengthV6
        guard packet.count > header + 8, packet[header] == IPProtocol.udp else { return nil }
        let offset = UInt16(packet[header + 2]) << 8 | UInt16(packet[header + 3])
        return offset >> 3 == 0 ? header + 8 : nil
    }
}
