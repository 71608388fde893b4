internal import LinuxSystem
internal import WireGuardModel
internal import WireGuardProtocol

/// A thread that moves packets both ways, each batch from one end to the other before the next: a flow stays on
/// one processor, and nothing is handed over.
struct Worker: ~Copyable {
    private let shared: EngineState
    private let number: Int
    private let wait: WorkerWait
    private var events = EpollEventList(capacity: 8)
    private var outbound: Outbound
    private var inbound: Inbound
    private var sockets: WorkerSockets?
    private var busyPoll: BusyPoll
    private var round = Round()

    /// Microseconds. The system makes half as much again of it; the shortest queue of an interface holds more.
    private static let pause: UInt32 = 100

    init(_ shared: EngineState, number: Int, queue: TunQueue, offloads: TunOffloads) throws(Errno) {
        let wait = shared.wait(of: number)
        try wait.add(queue)
        self.shared = shared
        self.number = number
        self.wait = wait
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
        try? wait.epoll.wait(into: &events)
    }

    /// Whether there is something to do.
    private mutating func pollBusily() -> Bool {
        let start = now()
        guard busyPoll.begins(start) else { return false }
        var last = start
        while true {
            try? wait.epoll.wait(into: &events, milliseconds: 0)
            if events.count > 0 { return true }
            Thread.yield()
            let now = now()
            guard busyPoll.goesOn(now, since: start, last: last) else { return false }
            last = now
        }
    }

    /// False when the interface is gone.
    private mutating func handle(_ event: Epoll.Event, _ now: Instant) -> Bool {
        switch WorkerWait.Token(rawValue: event.token) {
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
        wait.wakeUp.drain()
        let current = shared.sockets(of: number)
        guard current?.v4 !== sockets?.v4 || current?.v6 !== sockets?.v6 else { return }
        if let sockets { wait.remove(sockets) }
        sockets = current
    }
}
