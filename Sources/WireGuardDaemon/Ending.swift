internal import Glibc
internal import LinuxSystem
internal import Synchronization

/// Waits for whatever ends the daemon: a signal, the removal of its socket, or the tunnel's own end.
final class Ending: Sendable {
    enum Reason {
        case signal
        case socketRemoved
        case interfaceGone
        case failure(String)
    }

    private let signals: SignalFD
    private let tunnelEnd: EventFD
    private let failure = Mutex<String?>(nil)

    /// Blocks the signals: make it before the threads.
    init() throws(Errno) {
        signals = try SignalFD([SIGTERM, SIGINT, SIGHUP])
        tunnelEnd = try EventFD()
    }

    /// For the tunnel, from any of its threads.
    func tunnelEnded(_ failure: String?) {
        self.failure.withLock { $0 = failure }
        tunnelEnd.signal()
    }

    /// `watch` is that of the socket's file, if it is ours to look after.
    func wait(_ watch: SocketWatch?) throws(Errno) -> Reason {
        let epoll = try Epoll()
        try epoll.add(signals.raw, token: 0)
        try epoll.add(tunnelEnd.raw, token: 1)
        if let raw = watch?.raw { try epoll.add(raw, token: 2) }
        var events = EpollEventList(capacity: 4)
        while true {
            try epoll.wait(into: &events)
            for index in 0..<events.count {
                switch events[index].token {
                case 0: if signals.read() != nil { return .signal }
                case 1: return failure.withLock { $0.map(Reason.failure) } ?? .interfaceGone
                default: if watch?.isGone() == true { return .socketRemoved }
                }
            }
        }
    }
}
