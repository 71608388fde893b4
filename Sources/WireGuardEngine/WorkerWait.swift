internal import LinuxSystem

/// What a worker waits on: its TUN queue, its UDP sockets, and word from other threads. These put the sockets in, so
/// that whoever changes the port hears when the kernel refuses.
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

    /// Until the worker takes them over, it looks for their datagrams in the sockets that it has. If the second one is
    /// refused, the first one goes when it is closed.
    func add(_ sockets: WorkerSockets) throws(Errno) {
        if let socket = sockets.v4 { try epoll.add(socket.raw, token: Token.socketV4.rawValue) }
        if let socket = sockets.v6 { try epoll.add(socket.raw, token: Token.socketV6.rawValue) }
    }

    /// For sockets that another thread may keep open for a moment.
    func remove(_ sockets: WorkerSockets) {
        for socket in [sockets.v4, sockets.v6].compactMap({ $0 }) { try? epoll.remove(socket.raw) }
    }
}
