package import LinuxSystem
internal import Synchronization
package import WireGuardModel

/// Answers `wg` on the daemon's socket, on a thread of its own that never waits for a single client.
package final class UAPIServer: Sendable {
    private let listener: FileDescriptor
    private let name: InterfaceName
    private let tunnel: any TunnelControl
    private let log: Log
    private let epoll: Epoll
    private let end: EventFD
    private let mostClients: Int
    private let thread = Mutex<Thread?>(nil)

    /// Serves who connects to `listener`, which does not block. Of more than `mostClients` those that were idle
    /// longest are hung up on.
    package init(
        on listener: consuming FileDescriptor, about name: InterfaceName, with tunnel: any TunnelControl, log: Log,
        mostClients: Int? = nil
    ) throws(Errno) {
        self.listener = listener
        (self.name, self.tunnel, self.log) = (name, tunnel, log)
        self.mostClients = mostClients ?? DescriptorLimit.mostClients(of: DescriptorLimit.count, beside: 1)
        epoll = try Epoll()
        end = try EventFD()
        try epoll.add(self.listener.raw, token: Token.listener)
        try epoll.add(end.raw, token: Token.end)
    }

    package func start() throws(Errno) {
        try thread.withLock { (thread) throws(Errno) in thread = try Thread(name: "uapi") { self.serve() } }
    }

    /// Hangs up on everybody. What a client has been told is done stays done.
    package func stop() {
        end.signal()
        if let thread = thread.withLock({ $0.take() }) { thread.join() }
    }

    // MARK: The thread

    private enum Token {
        static let listener: UInt64 = 0
        static let end: UInt64 = 1
        static let firstClient: UInt64 = 2
    }

    private func serve() {
        var clients = UAPIClients(firstToken: Token.firstClient)
        var events = EpollEventList(capacity: 256)
        do throws(Errno) {
            while try serveOnce(&clients, &events) {}
        } catch {
            log.error("the control socket fails: \(error)")
        }
    }

    /// False when the server is to end.
    private func serveOnce(_ clients: inout UAPIClients, _ events: inout EpollEventList) throws(Errno) -> Bool {
        try epoll.wait(into: &events, milliseconds: clients.closedUntil == nil ? nil : Self.pauseMilliseconds)
        let now = Clock.bootNanoseconds()
        for index in 0..<events.count {
            switch events[index].token {
            case Token.end: return false
            case Token.listener: try acceptSome(into: &clients, at: now)
            case let token: if let client = clients[token] { serve(client, of: &clients, at: now) }
            }
        }
        if let end = clients.closedUntil, end <= now { try acceptSome(into: &clients, at: now) }
        return true
    }

    private func serve(_ client: UAPIClient, of clients: inout UAPIClients, at now: UInt64) {
        guard clients.serve(client, at: now) else { return clients.remove(client) }
        guard client.awaits != client.awaited else { return }
        client.awaited = client.awaits
        let changed: Void? = try? epoll.modify(client.socket.raw, token: client.token, for: client.awaited)
        if changed == nil { clients.remove(client) }
    }

    // MARK: New clients

    /// While descriptors are short the listener, always readable, would wake us without end: it is looked at
    /// now and then instead.
    private static let pauseMilliseconds: CInt = 100
    private static let pause = UInt64(pauseMilliseconds) * 1_000_000
    private static let acceptsInATurn = 64

    private func acceptSome(into clients: inout UAPIClients, at now: UInt64) throws(Errno) {
        for _ in 0..<Self.acceptsInATurn {
            do throws(Errno) {
                guard let socket = try UnixSocket.accept(from: listener) else { break }
                if clients.count >= mostClients, let idlest = clients.idlest() { clients.remove(idlest) }
                add(socket, to: &clients, at: now)
            } catch {
                log.error("a client of the control socket has to wait: \(error)")
                if let idlest = clients.idlest() { clients.remove(idlest) }
                return try listen(to: [], of: &clients, until: now + Self.pause)
            }
        }
        if clients.closedUntil != nil { try listen(to: .readable, of: &clients, until: nil) }
    }

    private func listen(
        to events: Epoll.Events, of clients: inout UAPIClients, until end: UInt64?
    ) throws(Errno) {
        clients.closedUntil = end
        try epoll.modify(listener.raw, token: Token.listener, for: events)
    }

    private func add(_ socket: consuming FileDescriptor, to clients: inout UAPIClients, at now: UInt64) {
        let client = UAPIClient(socket, token: clients.takeToken(), about: name, with: tunnel, at: now)
        let added: Void? = try? epoll.add(client.socket.raw, token: client.token)
        if added != nil { clients.add(client) }
    }
}
