internal import LinuxSystem
internal import WireGuardModel
internal import WireGuardProtocol

/// The thread that computes: it answers handshake messages, and serves peers when their time has come. A flood
/// of handshakes keeps it busy, and no worker. It also hears what happens to the interface.
struct Attendant: ~Copyable {
    private let shared: EngineState
    private let epoll: Epoll
    private var events = EpollEventList(capacity: 4)
    private let timer: TimerFD
    private var queue = PeerTimerQueue()
    private var received: [ReceivedHandshake] = []
    private var sender: PacketSender
    private let staged = UnsafePacketMemory(count: Attendant.stagedRoom)
    private var watch: InterfaceWatch
    private let routes: RouteWatch
    private var sources: SourceReview
    private let interfaceChanged: (InterfaceState) -> Void

    /// Packets that waited go out in pieces of this size.
    private static let stagedRoom = 256 << 10
    private static let stagedPackets = 128

    private enum Token: UInt64 {
        case alarms, timer, watch, routes
    }

    init(
        _ shared: EngineState, _ watch: consuming InterfaceWatch, interfaceChanged: @escaping (InterfaceState) -> Void
    ) throws(Errno) {
        let epoll = try Epoll()
        let timer = try TimerFD()
        let routes = try RouteWatch()
        let sources = try SourceReview()
        try epoll.add(shared.alarms.raw, token: Token.alarms.rawValue)
        try epoll.add(timer.raw, token: Token.timer.rawValue)
        try epoll.add(watch.raw, token: Token.watch.rawValue)
        try epoll.add(routes.raw, token: Token.routes.rawValue)
        self.shared = shared
        self.epoll = epoll
        self.timer = timer
        self.watch = watch
        self.routes = routes
        self.sources = sources
        self.interfaceChanged = interfaceChanged
        sender = PacketSender(shared, capacity: Self.stagedPackets)
    }

    mutating func run() {
        while !shared.isStopping {
            receiveHandshakes()
            serveAlarmed()
            reviewSources()
            sleep()
        }
    }

    private mutating func sleep() {
        let earliest = min(queue.earliest, sources.dueAt)
        guard shared.alarms.willSleep(until: earliest), shared.handshakes.isEmpty, !sources.isUnderWay,
            !shared.isStopping
        else { return }
        timer.set(atNanoseconds: earliest.nanoseconds)
        try? epoll.wait(into: &events)
        for index in 0..<events.count {
            switch Token(rawValue: events[index].token) {
            case .watch: followInterface()
            case .routes:
                routes.drain()
                sources.routesChanged()
            default: break
            }
        }
    }

    private mutating func reviewSources() {
        if shared.takeMarkChange() { sources.routesChanged() }
        sources.run(shared)
    }

    private mutating func followInterface() {
        // What cannot be read shows at the TUN queues as well.
        for event in (try? watch.read()) ?? [] {
            switch event {
            case .changed(let state): interfaceChanged(state)
            case .gone: shared.interfaceGone.signal()
            }
        }
    }

    private func now() -> Moment {
        let wall = Clock.wall()
        return Moment(
            Instant(nanoseconds: Clock.bootNanoseconds()),
            wall: HandshakeTime(seconds: wall.seconds, nanoseconds: Int64(wall.nanoseconds)))
    }

    // MARK: Handshakes

    private mutating func receiveHandshakes() {
        shared.handshakes.take(into: &received)
        guard !received.isEmpty else { return }
        let now = now()
        let isUnderLoad = shared.tunnel.isUnderLoad(waiting: received.count, now.instant)
        for index in received.indices {
            let reaction = received[index].withMessage { message in
                shared.tunnel.receive(message, by: received[index].path, isUnderLoad: isUnderLoad, at: now)
            }
            if let reply = reaction.reply { shared.send(reply, to: reaction.peer, now.instant) }
            if let peer = reaction.peer { serve(peer, alarm: nil, at: now) }
        }
    }

    // MARK: Peers

    private mutating func serveAlarmed() {
        shared.alarms.collect(into: &queue)
        let now = now()
        while let alarm = queue.take(due: now.instant) {
            serve(alarm.peer, alarm: alarm.moment, at: now)
        }
    }

    private mutating func serve(_ peer: TunnelPeer, alarm: Instant?, at now: Moment) {
        let duties = shared.tunnel.serve(peer, alarm: alarm, at: now)
        if let initiation = duties.initiation { shared.send(initiation, to: peer, now.instant) }
        let hasSent = duties.sendsStaged && sendStaged(of: peer, now.instant)
        if duties.sendsKeepalive, !hasSent { sendKeepalive(to: peer, now.instant) }
        if let next = duties.next { queue.add(PeerAlarm(next, for: peer)) }
    }

    private mutating func sendKeepalive(to peer: TunnelPeer, _ now: Instant) {
        let packet = UnsafePacket(start: staged.start + UnsafePacket.headroom, count: 0)
        withUnsafePointer(to: packet) { packet in
            _ = sender.send(UnsafeBufferPointer(start: packet, count: 1), to: peer, now)
        }
        sender.flush(shared.sockets(of: 0) ?? .none)
    }

    /// Whether there were any.
    private mutating func sendStaged(of peer: TunnelPeer, _ now: Instant) -> Bool {
        let waiting = peer.takeStaged()
        var first = 0
        while first < waiting.count {
            let count = layOut(waiting[first...])
            withUnsafeTemporaryAllocation(of: UnsafePacket.self, capacity: count) { packets in
                var start = staged.start + UnsafePacket.headroom
                for index in 0..<count {
                    packets.initializeElement(
                        at: index, to: UnsafePacket(start: start, count: waiting[first + index].count))
                    start += Self.room(waiting[first + index].count)
                }
                _ = sender.send(UnsafeBufferPointer(packets), to: peer, now)
            }
            sender.flush(shared.sockets(of: 0) ?? .none)
            first += count
        }
        return !waiting.isEmpty
    }

    /// Copies as many packets as there is room for, each with room in front and behind. Returns how many.
    private func layOut(_ packets: ArraySlice<[UInt8]>) -> Int {
        var used = 0
        for (index, packet) in packets.enumerated() {
            guard index < Self.stagedPackets, used + Self.room(packet.count) <= staged.count else { return index }
            UnsafeMutableRawBufferPointer(start: staged.start + used + UnsafePacket.headroom, count: packet.count)
                .copyBytes(from: packet)
            used += Self.room(packet.count)
        }
        return packets.count
    }

    private static func room(_ count: Int) -> Int {
        (UnsafePacket.headroom + count + UnsafePacket.tailroom + 15) & ~15
    }
}
