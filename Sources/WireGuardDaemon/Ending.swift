internal import Glibc
internal import LinuxSystem

/// Waits for whatever ends the daemon: a signal, the removal of its socket, or the tunnel's own end.
final class Ending: Sendable {
    enum Reason {
        case signal
        case socketRemoved
        case tunnelOver
    }

    private let signals: SignalFD

    /// Blocks the signals: make it before the threads.
    init() throws(Errno) {
        signals = try SignalFD([SIGTERM, SIGINT, SIGHUP])
    }

    /// `tunnel` becomes readable at the tunnel's end; `watch` is that of the socket's file, if it is ours to look after.
    func wait(_ tunnel: CInt, _ watch: SocketWatch?) throws(Errno) -> Reason {
        let epoll = try Epoll()
        try epoll.add(signals.raw, token: 0)
        try epoll.add(tunnel, token: 1)
        if let raw = watch?.raw { try epoll.add(raw, token: 2) }
        var events = EpollEventList(capacity: 4)
        while true {
            try epoll.wait(into: &events)
            for index in 0..<events.count {
                switch events[index].token {
                case 0: if signals.read() != nil { return .signal }
                case 1: return .tunnelOver
                default: if watch?.isGone() == true { return .socketRemoved }
                }
            }
        }
    }
}
