internal import LinuxSystem

/// The epoll of a worker: its TUN queue, its UDP sockets, and an eventfd for wake-ups by other threads. Those add the
/// sockets, so that a caller that changes the port gets the kernel's error.
final class WorkerWait: Sendable {
    enum Token: UInt64 {
        case tun, socketV4, socketV6, wakeUp
    }

    let epoll: Epoll
    let wakeUp: EventFD

    init() throws(Errno) {
        epoll = try Epoll()
        wakeUp = try EventFD()
        try epoll.add(wakeUp.raw, token: Token.wakeUp.rawValue)
    }

    func add(_ queue: TunQueue) throws(Errno) { try epoll.add(queue.raw, token: Token.tun.rawValue) }

    /// Adds sockets. Until the worker takes them over, it reads the sockets that it has when theirs become readable. If
    /// adding the second fails, closing the first removes it.
    func add(_ sockets: WorkerSockets) throws(Errno) {
        if let socket = sockets.v4 { try epoll.add(socket.raw, token: Token.socketV4.rawValue) }
        if let socket = sockets.v6 { try epoll.add(socket.raw, token: Token.socketV6.rawValue) }
    }

    /// Removes sockets that another thread may keep open for a moment.
    func remove(_ sockets: WorkerSockets) {
        for socket in [sockets.v4, sockets.v6].compactMap({ $0 }) { try? epoll.remove(socket.raw) }
    }
}
