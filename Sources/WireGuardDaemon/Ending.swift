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

    /// Blocks the signals: make it before the threads. It also reads those that were held back since the start. `tunnel` becomes readable at the tunnel's end; `watch` is that
    /// of the socket's file, if it is ours to look after.
    init(tunnel: CInt, watch: SocketWatch?) throws(Errno) {
        signals = try SignalFD(Self.signals)
        epoll = try Epoll()
        self.watch = watch
        try epoll.add(signals.raw, token: Token.signals)
        try epoll.add(tunnel, token: Token.tunnel)
        if let watch, watch.pollMilliseconds == nil { try epoll.add(watch.raw, token: Token.watch) }
    }

    /// Under nohup(1) the end of the terminal is not to end the daemon. SIGTERM and SIGINT end it always, as
    /// wireguard-go: shells start with SIGINT ignored what they start with `&`.
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
            // After each wake-up: without inotify the time that has passed is the reason.
            if watch?.isGone() == true { return .socketRemoved }
        }
    }
}
