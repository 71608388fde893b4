internal import LinuxSystem
internal import WireGuardModel
internal import WireGuardProtocol

/// A thread that moves packets both ways, each batch from one end to the other before the next: a flow stays on
/// one processor, and nothing is handed over.
struct Worker: ~Copyable {
    private let shared: EngineState
    private let number: Int
    private let epoll: Epoll
    private var events = EpollEventList(capacity: 8)
    private var outbound: Outbound
    private var inbound: Inbound
    private var sockets: WorkerSockets?
    private var busyPoll: BusyPoll
    private var round = Round()

    /// Microseconds. The system makes half as much again of it; the shortest queue of an interface holds more.
    private static let pause: UInt32 = 100

    private enum Token: UInt64 {
        case tun, socketV4, socketV6, wakeUp
    }

    init(_ shared: EngineState, number: Int, queue: TunQueue, offloads: TunOffloads) throws(Errno) {
        let epoll = try Epoll()
        try epoll.add(queue.raw, token: Token.tun.rawValue)
        try epoll.add(shared.wakeUp(of: number), token: Token.wakeUp.rawValue)
        self.shared = shared
        self.number = number
        self.epoll = epoll
        busyPoll = BusyPoll(isAllowed: shared.settings.usesBusyPoll)
        outbound = Outbound(shared, queue: queue)
        inbound = Inbound(shared, queue: queue, offloads: offloads)
    }

    /// Until the engine stops, or the interface is gone.
    mutating func run() {
        while !shared.isStopping {
            waitForWork()
            let now = now()
            round = Round()
            for index in 0..<events.count {
                guard handle(events[index], now) else { return shared.interfaceGone.signal() }
            }
            busyPoll.worked(on: round.packets)
        }
    }

    private func now() -> Instant { Instant(nanoseconds: Clock.bootNanoseconds()) }

    private mutating func waitForWork() {
        if round.isWorthPause { Clock.sleep(microseconds: Self.pause) }
        if pollBusily() { return }
        try? epoll.wait(into: &events)
    }

    /// Whether there is something to do.
    private mutating func pollBusily() -> Bool {
        let start = now()
        guard busyPoll.begins(start) else { return false }
        var last = start
        while true {
            try? epoll.wait(into: &events, milliseconds: 0)
            if events.count > 0 { return true }
            Thread.yield()
            let now = now()
            guard busyPoll.goesOn(now, since: start, last: last) else { return false }
            last = now
        }
    }

    /// False when the interface is gone.
    private mutating func handle(_ event: Epoll.Event, _ now: Instant) -> Bool {
        switch Token(rawValue: event.token) {
        case .tun:
            guard !event.events.contains(.error), let moved = outbound.run(sockets, now) else { return false }
            (round.packetsOut, round.datagramsOut) = (moved.packetsOut, moved.datagramsOut)
        case .socketV4: if let socket = sockets?.v4 { round.packetsIn += inbound.run(socket, now) }
        case .socketV6: if let socket = sockets?.v6 { round.packetsIn += inbound.run(socket, now) }
        case .wakeUp: takeSockets()
        case nil: break
        }
        return true
    }

    /// Goes over to the sockets of now. Those of before close when the last thread has let go.
    private mutating func takeSockets() {
        shared.drainWakeUp(of: number)
        for socket in [sockets?.v4, sockets?.v6].compactMap({ $0 }) { try? epoll.remove(socket.raw) }
        sockets = shared.sockets(of: number)
        if let socket = sockets?.v4 { try? epoll.add(socket.raw, token: Token.socketV4.rawValue) }
        if let socket = sockets?.v6 { try? epoll.add(socket.raw, token: Token.socketV6.rawValue) }
    }
}
