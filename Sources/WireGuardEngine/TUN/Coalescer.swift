internal import Glibc
internal import LinuxSystem

/// Joins packets on their way to a TUN queue: those of one flow that follow each other become one large frame, so
/// that the system handles them at once. Nothing is copied, and nothing is allocated once it stands.
///
///   add      a packet goes to the group of its flow, or begins one
///   flush    each group is one write, in the order in which they began
///
/// Packets of a flow stay in order, those of different flows may pass each other.
///
/// The system does not verify the checksums of joined packets, and computes them anew if they travel on. So it is
/// with the kernel's own tunnel, since they are authentic.
package struct Coalescer: ~Copyable {
    /// What is still in use of what was agreed.
    package private(set) var offloads: TunOffloads

    private let capacity: Int
    private let packets: UnsafeMutablePointer<Packet>
    private let groups: UnsafeMutablePointer<Group>
    private let pieces: UnsafeMutablePointer<iovec>
    private var packetCount = 0
    private var groupCount = 0
    private var flows: FlowTable

    private static let longestPacket = 65535
    /// So many packets at most become one frame: older kernels refuse more of UDP.
    package static let mostSegments = 64
    /// Bytes in front of each packet that are written over.
    package static let headroom = VirtioNetHeader.size

    private static let none: Int32 = -1

    private struct Packet: BitwiseCopyable {
        let start: UnsafeMutableRawPointer
        let count: Int32
        /// The next one of its group.
        var next: Int32 = Coalescer.none
    }

    private struct Group: BitwiseCopyable {
        /// The first one; of use where there is a flow.
        let leader: UnsafeFlowPacket
        let first: Int32
        var last: Int32
        var count: Int32 = 1
        /// Another one may follow.
        var isOpen: Bool
        /// Bytes, headers once.
        var length: Int
        var nextSequence: UInt32 = 0
        var nextIdentification: UInt16 = 0
    }

    /// `maxPackets`: between two flushes.
    package init(offloads: TunOffloads, maxPackets: Int) {
        self.offloads = offloads
        capacity = maxPackets
        packets = .allocate(capacity: maxPackets)
        groups = .allocate(capacity: maxPackets)
        pieces = .allocate(capacity: Self.mostSegments)
        flows = FlowTable(capacity: maxPackets)
    }

    deinit {
        packets.deallocate()
        groups.deallocate()
        pieces.deallocate()
    }

    package var isEmpty: Bool { packetCount == 0 }

    // MARK: Adding

    /// Takes a packet that stays where it is until `flush`, with `headroom` bytes in front of it that nobody needs
    /// any more. `count` is the length that it claims, `InnerPacket.count`. False when there is no room: flush first.
    @discardableResult
    package mutating func add(_ packet: UnsafeMutableRawPointer, count: Int) -> Bool {
        guard packetCount < capacity else { return false }
        guard !offloads.isDisjoint(with: [.tcp, .udp]) else {
            begin(packet, count)
            return true
        }
        switch UnsafeFlowPacket.classify(packet, count: count) {
        case .flow(let packet): add(packet)
        case .hidden:
            flows.forgetAll()
            begin(packet, count)
        case .other: begin(packet, count)
        }
        return true
    }

    @inline(__always)
    private mutating func add(_ packet: UnsafeFlowPacket) {
        guard offloads.contains(packet.isTCP ? .tcp : .udp) else {
            return begin(packet.start, packet.headerLength + packet.payloadLength)
        }
        let place = flows.place(of: packet)
        if let group = flows[place], takes(packet, groups[group]) {
            join(packet, group)
        } else {
            flows[place] = groupCount
            begin(packet)
        }
    }

    @inline(__always)
    private func takes(_ packet: UnsafeFlowPacket, _ group: Group) -> Bool {
        let leader = group.leader
        guard group.isOpen, packet.isV4 == leader.isV4, packet.isTCP == leader.isTCP,
            1...leader.payloadLength ~= packet.payloadLength, group.length + packet.payloadLength <= Self.longestPacket,
            packet.isAlike(leader)
        else { return false }
        if packet.isTCP, packet.sequence != group.nextSequence { return false }
        // Of a packet that must not be fragmented it means nothing (RFC 6864, section 4.1).
        return !packet.isV4 || packet.isAtomic || packet.identification == group.nextIdentification
    }

    @inline(__always)
    private mutating func join(_ packet: UnsafeFlowPacket, _ index: Int) {
        let next = Int32(truncatingIfNeeded: packetCount)
        append(packet.start, packet.headerLength + packet.payloadLength)
        // The compiler cannot sanitize what changes `groups[index]` in place.
        let group = groups + index
        packets[Int(group.pointee.last)].next = next
        group.pointee.last = next
        group.pointee.count &+= 1
        group.pointee.length &+= packet.payloadLength
        group.pointee.nextSequence &+= UInt32(truncatingIfNeeded: packet.payloadLength)
        group.pointee.nextIdentification &+= 1
        let isShort = packet.payloadLength < group.pointee.leader.payloadLength
        if isShort || packet.isLast || group.pointee.count == Self.mostSegments { group.pointee.isOpen = false }
    }

    /// A group of one, for more to come.
    @inline(__always)
    private mutating func begin(_ leader: UnsafeFlowPacket) {
        let index = Int32(truncatingIfNeeded: packetCount)
        let count = leader.headerLength + leader.payloadLength
        append(leader.start, count)
        var group = Group(leader: leader, first: index, last: index, isOpen: leader.canLead, length: count)
        if leader.isTCP { group.nextSequence = leader.sequence &+ UInt32(truncatingIfNeeded: leader.payloadLength) }
        if leader.isV4 { group.nextIdentification = leader.identification &+ 1 }
        append(group)
    }

    /// A group that stays alone.
    @inline(__always)
    private mutating func begin(_ packet: UnsafeMutableRawPointer, _ count: Int) {
        let index = Int32(truncatingIfNeeded: packetCount)
        append(packet, count)
        let leader = UnsafeFlowPacket(start: packet, isV4: false, isTCP: false, headerLength: 0, payloadLength: 0)
        append(Group(leader: leader, first: index, last: index, isOpen: false, length: count))
    }

    @inline(__always)
    private mutating func append(_ packet: UnsafeMutableRawPointer, _ count: Int) {
        (packets + packetCount).initialize(to: Packet(start: packet, count: Int32(truncatingIfNeeded: count)))
        packetCount &+= 1
    }

    @inline(__always)
    private mutating func append(_ group: Group) {
        (groups + groupCount).initialize(to: group)
        groupCount &+= 1
    }

    // MARK: Flushing

    /// What became of the packets.
    package struct Outcome: Equatable, Sendable {
        package var written = 0
        /// Refused by the kernel, as all are while the interface is down.
        package var dropped = 0
        /// Switched off from now on, since the kernel refused frames that it agreed to, packets of which it took.
        package var refused: TunOffloads = []
    }

    /// Writes all that was added.
    package mutating func flush(_ queue: borrowing some TunWriter) -> Outcome {
        var outcome = Outcome()
        for index in 0..<groupCount {
            let group = groups[index]
            if group.count == 1 {
                writeAlone(packets[Int(group.first)], queue, &outcome)
            } else {
                writeJoined(group, queue, &outcome)
            }
        }
        offloads.subtract(outcome.refused)
        (packetCount, groupCount) = (0, 0)
        flows.forgetAll()
        return outcome
    }

    @inline(__always)
    private func writeAlone(_ packet: Packet, _ queue: borrowing some TunWriter, _ outcome: inout Outcome) {
        let start = packet.start - VirtioNetHeader.size
        VirtioNetHeader(flags: VirtioNetHeader.checksumIsValid).write(to: start)
        do throws(Errno) {
            try queue.write(UnsafeRawBufferPointer(start: start, count: VirtioNetHeader.size + Int(packet.count)))
            outcome.written += 1
        } catch {
            outcome.dropped += 1
        }
    }

    private func writeJoined(_ group: Group, _ queue: borrowing some TunWriter, _ outcome: inout Outcome) {
        let count = gather(group)
        let header = UnsafeJoinedHeader(
            leader: group.leader, last: packets[Int(group.last)].start, length: group.length)
        do throws(Errno) {
            try queue.write(UnsafeBufferPointer(start: pieces, count: count))
            outcome.written += count
        } catch {
            guard error.isRefusal else {
                outcome.dropped += count
                return
            }
            header.undo()
            writeApart(group, queue, &outcome)
        }
    }

    /// Lays out the pieces of a frame: the first packet with room for the frame's header, and the others' payloads.
    @inline(__always)
    private func gather(_ group: Group) -> Int {
        let headerLength = group.leader.headerLength
        let first = packets[Int(group.first)]
        pieces[0] = iovec(
            iov_base: first.start - VirtioNetHeader.size, iov_len: VirtioNetHeader.size + Int(first.count))
        var count = 1
        var index = first.next
        while index != Self.none {
            let packet = packets[Int(index)]
            pieces[count] = iovec(iov_base: packet.start + headerLength, iov_len: Int(packet.count) - headerLength)
            count &+= 1
            index = packet.next
        }
        return count
    }

    /// One by one what was refused as a whole. If that goes well it was not the packets' fault.
    private func writeApart(_ group: Group, _ queue: borrowing some TunWriter, _ outcome: inout Outcome) {
        let dropped = outcome.dropped
        var index = group.first
        while index != Self.none {
            writeAlone(packets[Int(index)], queue, &outcome)
            index = packets[Int(index)].next
        }
        if outcome.dropped == dropped { outcome.refused.formUnion(group.leader.isTCP ? .tcp : .udp) }
    }
}

extension UnsafeFlowPacket {
    @inline(__always)
    fileprivate var isAtomic: Bool { start.number(at: IPv4Header.fragment) & IPv4Header.dontFragment != 0 }
}

extension Errno {
    /// A frame was not liked, rather than there being no place for it.
    fileprivate var isRefusal: Bool { code == EINVAL || code == EMSGSIZE || code == EOPNOTSUPP }
}
