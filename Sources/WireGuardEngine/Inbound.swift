internal import LinuxSystem
internal import WireGuardKeys
internal import WireGuardModel
internal import WireGuardProtocol

/// The way of a worker's packets in, from UDP sockets to a TUN queue:
///
///   receive   messages, up to 64 KiB each where the kernel joins datagrams
///   sort      data by session; handshake messages go to the thread that computes
///   open      runs of datagrams of one session, in place
///   check     replays, and that the inner source belongs to the peer
/// mark      congestion that the outer header reports
///   join      packets of one flow, and write them to the queue
///
/// All memory is taken once.
struct Inbound: ~Copyable {
    private let shared: EngineState
    private let queue: TunQueue
    private var routes: RoutingTable
    private var generation: UInt64 = 0
    private var messages: ReceiveBatch
    private var coalescer: Coalescer
    private var cipher: PacketCipher
    /// Datagrams of one session that came by one path, to be opened together.
    private let jobs: UnsafeMutableBufferPointer<UnsafeCipherJob>
    private var jobCount = 0
    private var runIndex: UInt32 = 0
    /// The traffic class of the current message's outer header.
    private var outerTrafficClass: UInt8 = 0
    /// Datagrams of sessions since the run began, authentic or not.
    private var handled = 0

    private static let messageCapacity = 8
    /// The kernel joins 64 datagrams at most.
    private static let capacity = messageCapacity * 64

    init(_ shared: EngineState, queue: TunQueue, offloads: TunOffloads) {
        (self.shared, self.queue) = (shared, queue)
        routes = shared.tunnel.routingTable
        messages = ReceiveBatch(messages: Self.messageCapacity)
        coalescer = Coalescer(offloads: offloads, maxPackets: Self.capacity)
        cipher = PacketCipher(shared.settings.cipher)
        jobs = .allocate(capacity: Self.capacity)
    }

    deinit { jobs.deallocate() }

    /// Brings in what the socket has, one batch. Returns how many packets.
    mutating func run(_ socket: UDPSocket, _ now: Instant) -> Int {
        // Errors are those of datagrams sent earlier, to a port where nobody listens.
        guard (try? messages.receive(from: socket)) == true else { return 0 }
        handled = 0
        refreshRoutes()
        for index in 0..<messages.count {
            let path = messages.path(of: index)
            outerTrafficClass = messages.trafficClass(of: index)
            var datagrams = messages.datagrams(of: index)
            while let datagram = datagrams.next() { sort(datagram, by: path, now) }
            // The path belongs to the message.
            openRun(by: path, now)
        }
        flush()
        return handled
    }

    private mutating func refreshRoutes() {
        let newest = shared.tunnel.generation
        guard newest != generation else { return }
        generation = newest
        routes = shared.tunnel.routingTable
    }

    // MARK: Sort

    private mutating func sort(_ datagram: UnsafeMutableRawBufferPointer, by path: Path, _ now: Instant) {
        guard let type = MessageType(classifying: UnsafeRawBufferPointer(datagram)) else { return }
        guard type == .data else { return shared.queueHandshake(UnsafeRawBufferPointer(datagram), by: path) }
        let header = DataHeader(reading: datagram.baseAddress!)
        if header.receiverIndex != runIndex || jobCount == Self.capacity { openRun(by: path, now) }
        runIndex = header.receiverIndex
        let content = (datagram.baseAddress! + DataHeader.size).assumingMemoryBound(to: UInt8.self)
        jobs[jobCount] = UnsafeCipherJob(
            source: content, destination: content, count: datagram.count - MessageSize.data(content: 0),
            counter: header.counter)
        jobCount += 1
    }

    // MARK: Open and check

    private mutating func openRun(by path: Path, _ now: Instant) {
        guard jobCount > 0 else { return }
        let run = UnsafeMutableBufferPointer(rebasing: jobs[..<jobCount])
        handled += jobCount
        jobCount = 0
        var alarm: Instant?
        guard
            let peer = shared.tunnel.open(run, receiverIndex: runIndex, by: path, with: &cipher, now, alarm: &alarm)
        else { return }
        if let alarm { shared.alarms.raise(PeerAlarm(alarm, for: peer)) }
        for job in run {
            if let packet = routes.packet(in: job, from: peer) { deliver(packet, at: job.destination) }
        }
    }

    // MARK: Join

    private mutating func deliver(_ packet: InnerPacket, at start: UnsafeMutablePointer<UInt8>) {
        let start = UnsafeMutableRawPointer(start)
        if CongestionNotification.matters(outerTrafficClass) { CongestionNotification.tell(start, outerTrafficClass) }
        if coalescer.add(start, count: packet.count) { return }
        flush()
        _ = coalescer.add(start, count: packet.count)
    }

    private mutating func flush() {
        guard !coalescer.isEmpty else { return }
        let refused = coalescer.flush(queue).refused
        if !refused.isEmpty {
            shared.settings.log(.error, "The kernel refuses joined packets: goes without \(refused)")
        }
    }
}
