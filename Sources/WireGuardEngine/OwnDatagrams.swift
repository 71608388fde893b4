internal import Synchronization
internal import WireGuardModel
internal import WireGuardProtocol

/// Knows our own outer datagrams when they come back out of the TUN interface, because the route to a peer leads into
/// it. Taken into the tunnel again, each would circle for ever.
///
/// They are told by receiver indices: random, 32 bits, and in the packet where nothing is encrypted. A nested tunnel
/// of somebody else has other ones.
final class OwnDatagrams: Sendable {
    /// Receiver indices of data messages that were sent lately, at places given by their low bits. Where two share a
    /// place, one of them circles once more.
    private let receivers = InlineArray<1024, Atomic<UInt32>> { _ in Atomic(0) }

    /// Data messages to this receiver go out.
    @inline(__always)
    func note(receiver: UInt32) {
        let place = place(of: receiver)
        // Most often it is there: a line of the cache that all workers only read.
        if receivers[place].load(ordering: .relaxed) != receiver {
            receivers[place].store(receiver, ordering: .relaxed)
        }
    }

    /// Whether an inner packet is one of ours. Costs a comparison for UDP, and nothing else for what does not begin as
    /// a WireGuard message does.
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
    /// UDP header, type and index.
    private static let shortest = 16

    /// The index is the receiver's in data messages, our own in initiations and responses.
    private func isOurs(_ type: UInt32, index: UInt32, _ tunnel: Tunnel) -> Bool {
        let index = UInt32(littleEndian: index)
        switch type {
        case 4: return receivers[place(of: index)].load(ordering: .relaxed) == index && index != 0
        case 1, 2: return tunnel.knows(index: index)
        // Cookie replies are not repeated: one that comes back goes round once.
        default: return false
        }
    }

    /// Where the UDP header is. Of a datagram in fragments the first has it.
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

    /// RFC 8200, section 4.5: next header, reserved, offset.
    private static func startOfUDPBehindFragment(_ packet: UnsafeRawBufferPointer) -> Int? {
        let header = InnerPacket.headerLengthV6
        guard packet.count > header + 8, packet[header] == IPProtocol.udp else { return nil }
        let offset = UInt16(packet[header + 2]) << 8 | UInt16(packet[header + 3])
        return offset >> 3 == 0 ? header + 8 : nil
    }
}
