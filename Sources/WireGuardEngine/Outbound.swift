internal import LinuxSystem
internal import WireGuardModel
internal import WireGuardProtocol

/// The way of a worker's packets out, from a TUN queue to UDP sockets:
///
///   read      frames, up to 64 KiB each where the kernel leaves cutting to us, until there are none or room ends
/// own       drop our own outer datagrams, which loop if the route to a peer leads into the tunnel
///   cut       a large one into packets; one that is none stays where it was read
///   route     its inner destination to a peer
///   seal      the packets of one peer after the other, in place, under consecutive counters
///   send      runs of equal length with one call
///
/// All memory is taken once. Nothing waits for more: a lone packet goes out at once.
struct Outbound: ~Copyable {
    private let shared: EngineState
    private let queue: TunQueue
    private var routes: RoutingTable
    private var generation: UInt64 = 0
    private var sender: PacketSender
    private var unreachable = UnreachableReplies()
    private let frames = UnsafePacketMemory(count: Outbound.frameRoom)
    private let cuts = UnsafePacketMemory(count: Outbound.cutRoom)
    private let packets: UnsafeMutableBufferPointer<UnsafePacket>
    /// Whose each packet is, by the routing table.
    private let slots: UnsafeMutableBufferPointer<UInt32?>
    /// Those of one peer.
    private let group: UnsafeMutableBufferPointer<UnsafePacket>
    private var packetCount = 0
    /// What this run has moved so far.
    private var round = Round()
    private var cutsUsed = 0

    /// Packets of one batch.
    private static let capacity = 256
    /// Small frames fill it with a batch; a large one finds room until half of it is used.
    private static let frameRoom = 192 << 10
    /// For all packets of the large frames of a batch, as long as they are not cut very small.
    private static let cutRoom = 224 << 10
    /// So that, where a frame is one packet, its data header has room.
    private static let frameLead = UnsafePacket.headroom - VirtioNetHeader.size

    init(_ shared: EngineState, queue: TunQueue) {
        (self.shared, self.queue) = (shared, queue)
        routes = shared.tunnel.routingTable
        sender = PacketSender(shared, capacity: Self.capacity)
        packets = .allocate(capacity: Self.capacity)
        slots = .allocate(capacity: Self.capacity)
        group = .allocate(capacity: Self.capacity)
    }

    deinit {
        packets.deallocate()
        slots.deallocate()
        group.deallocate()
    }

    /// Brings out what the queue has, one batch, and tells how much. Nil when the interface is gone.
    /// Without sockets it is lost, or waits for a session.
    mutating func run(_ sockets: WorkerSockets?, _ now: Instant) -> Round? {
        refreshRoutes()
        round = Round()
        let sockets = sockets ?? .none
        let isAlive = readFrames(sockets, now)
        sendAll(sockets, now)
        return isAlive ? round : nil
    }

    private mutating func refreshRoutes() {
        let newest = shared.tunnel.generation
        guard newest != generation else { return }
        generation = newest
        routes = shared.tunnel.routingTable
    }

    // MARK: Read and cut

    /// False when the interface is gone.
    private mutating func readFrames(_ sockets: WorkerSockets, _ now: Instant) -> Bool {
        var used = Self.frameLead
        while packetCount < Self.capacity, used + TunQueue.longestFrame + UnsafePacket.tailroom <= Self.frameRoom {
            let room = UnsafeMutableRawBufferPointer(start: frames.start + used, count: TunQueue.longestFrame)
            let count: Int
            do throws(Errno) {
                count = try queue.read(into: room)
            } catch {
                // The interface is down, or has nothing.
                return error != .badDescriptorState
            }
            guard count > 0 else { return true }
            take(UnsafeMutableRawBufferPointer(rebasing: room[..<count]), sockets, now)
            used = (used + count + UnsafePacket.tailroom + Self.frameLead + 63) & ~63 + Self.frameLead
        }
        return true
    }

    private mutating func take(_ frame: UnsafeMutableRawBufferPointer, _ sockets: WorkerSockets, _ now: Instant) {
        guard let plan = try? UnsafeSegmentPlan(frame: frame) else { return }
        let packet = UnsafeMutableRawBufferPointer(rebasing: frame[VirtioNetHeader.size...])
        guard let inner = InnerPacket(UnsafeRawBufferPointer(packet)) else { return }
        guard !shared.ownDatagrams.contains(UnsafeRawBufferPointer(packet), inner, shared.tunnel) else {
            return shared.failures.addLoop(to: inner.destination, now)
        }
        let slot = routes.slot(for: inner.destination)
        if plan.isWhole {
            if inner.protocolNumber != IPProtocol.tcp { round.datagramsOut += 1 }
            plan.finishInPlace()
            add(UnsafePacket(start: packet.baseAddress!, count: packet.count), slot)
        } else {
            cut(plan, slot, sockets, now)
        }
    }

    private mutating func cut(_ plan: UnsafeSegmentPlan, _ slot: UInt32?, _ sockets: WorkerSockets, _ now: Instant) {
        for index in 0..<plan.count {
            let room = UnsafePacket.headroom + plan.length(of: index) + UnsafePacket.tailroom
            // A frame may become more packets than a batch has.
            if packetCount == Self.capacity || cutsUsed + room > Self.cutRoom { sendAll(sockets, now) }
            let start = cuts.start + cutsUsed + UnsafePacket.headroom
            let count = plan.write(index, to: start)
            cutsUsed = (cutsUsed + room + 15) & ~15
            add(UnsafePacket(start: start, count: count), slot)
        }
    }

    private mutating func add(_ packet: UnsafePacket, _ slot: UInt32?) {
        packets[packetCount] = packet
        slots[packetCount] = slot
        packetCount += 1
    }

    // MARK: Seal and send

    private mutating func sendAll(_ sockets: WorkerSockets, _ now: Instant) {
        round.packetsOut += packetCount
        while packetCount > 0 {
            let slot = slots[0]
            send(takePackets(to: slot), to: slot, now)
        }
        sender.flush(sockets)
        cutsUsed = 0
    }

    /// Takes a peer's packets out of the batch: sealed and sent together they cost a fraction of what they do one
    /// by one. What is left stays in order.
    private mutating func takePackets(to slot: UInt32?) -> UnsafeBufferPointer<UnsafePacket> {
        var taken = 0
        var left = 0
        for index in 0..<packetCount {
            if slots[index] == slot {
                group[taken] = packets[index]
                taken += 1
            } else {
                (packets[left], slots[left]) = (packets[index], slots[index])
                left += 1
            }
        }
        packetCount = left
        return UnsafeBufferPointer(rebasing: group[..<taken])
    }

    private mutating func send(_ packets: UnsafeBufferPointer<UnsafePacket>, to slot: UInt32?, _ now: Instant) {
        if let slot, let peer = routes.peer(at: slot), sender.send(packets, to: peer, now) != .unreachable { return }
        for packet in packets {
            if slot == nil { noteNoAllowedIP(packet) }
            unreachable.reply(to: packet, through: queue, now)
        }
    }

    private func noteNoAllowedIP(_ packet: UnsafePacket) {
        guard let inner = InnerPacket(UnsafeRawBufferPointer(start: packet.start, count: packet.count)) else { return }
        shared.tunnel.note(.noAllowedIP(for: inner.destination))
    }
}
