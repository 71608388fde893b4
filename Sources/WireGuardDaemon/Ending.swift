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
    private let epoll: Epoll
    private let watch: SocketWatch?

    private enum Token {
        static let signals: UInt64 = 0
        static let tunnel: UInt64 = 1
        static let watch: UInt64 = 2
    }

    /// Blocks the signals: make it before the threads. It also reads signals that were blocked since the start.
    /// `tunnel` becomes readable at the tunnel's end; `watch` watches the socket's file, if the daemon made it.
    init(tunnel: CInt, watch: SocketWatch?) throws(Errno) {
        signals = try SignalFD(Self.signals)
        epoll = try Epoll()
        self.watch = watch
        try epoll.add(signals.raw, token: Token.signals)
        try epoll.add(tunnel, token: Token.tunnel)
        if let watch, watch.pollMilliseconds == nil { try epoll.add(watch.raw, token: Token.watch) }
    }

    /// Under nohup(1) the terminal's hang-up does not end the daemon. SIGTERM and SIGINT always do, as in wireguard-go:
    /// shells start background jobs (`&`) with SIGINT ignored.
    static var signals: [CInt] {
        [SIGTERM, SIGINT] + (SignalFD.isIgnored(SIGHUP) ? [] : [SIGHUP])
    }

    func wait() throws(Errno) -> Reason {
        var events = EpollEventList(capacity: 4)
        while true {
            try epoll.wait(into: &events, milliseconds: watch?.pollMilliseconds)
            for index in 0..<events.count {
                switch events[index].token {
                case Token.signals: if signals.read() != nil { return .signal }
                case Token.tunnel: return .tunnelOver
                default: break
                }
            }
            // Checked after each wake-up: without inotify that is a time-out.
            if watch?.isGone() == true { return .socketRemoved }
        }
    }
}
