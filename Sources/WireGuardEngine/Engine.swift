internal import Glibc
package import LinuxSystem
internal import Synchronization
package import WireGuardModel
internal import WireGuardProtocol

/// A tunnel at work: the TUN interface at one end, UDP sockets at the other, and the threads between.
package final class Engine: Sendable {
    private let shared: EngineState
    private let tun: TunDevice
    private let configuration = Mutex(Configuration())
    private let threads = Mutex<[RunningThread]>([])
    /// Until the attendant takes it.
    private let watch: Mutex<InterfaceWatch?>

    private struct Configuration {
        /// 0 takes a free port when the interface goes up, and keeps it.
        var port: UInt16 = 0
        /// Whether the system chose the port.
        var isAnyPort = true
        var mark: UInt32 = 0
        var isUp = false
    }

    /// An array has no place for what is not copyable.
    private final class RunningThread: Sendable {
        private let thread: Mutex<Thread?>

        init(_ thread: consuming sending Thread) { self.thread = Mutex(thread) }

        func join() { thread.withLock { $0.take() }?.join() }
    }

    /// Opens all that takes privileges; the interface may already be moved to another network namespace.
    package init(_ tun: TunDevice, _ settings: EngineSettings) throws(Errno) {
        self.tun = tun
        watch = Mutex(try InterfaceWatch(name: tun.name))
        shared = try EngineState(settings, workers: tun.queues.count, tunnel: Tunnel(trace: settings.trace))
    }

    // MARK: Threads

    /// Starts the threads. Everything that they need is opened before the first one runs: a thread alone cannot report
    /// a failure.
    package func start() throws(Errno) {
        var bodies: [(StaticString, @Sendable () -> Void)] = []
        if let attendant = try attendant() { bodies.append(("attendant", attendant)) }
        for (number, queue) in tun.queues.enumerated() { bodies.append(("worker", try worker(number, queue))) }
        for (name, body) in bodies {
            let running = RunningThread(try Thread(name: name, body))
            threads.withLock { $0.append(running) }
        }
    }

    private func worker(_ number: Int, _ queue: TunQueue) throws(Errno) -> @Sendable () -> Void {
        let handedOver = Mutex<Worker?>(try Worker(shared, number: number, queue: queue, offloads: tun.offloads))
        return {
            var worker = handedOver.withLock { $0.take()! }
            worker.run()
        }
    }

    /// The attendant's work; nil if it runs already.
    private func attendant() throws(Errno) -> (@Sendable () -> Void)? {
        guard let watch = watch.withLock({ $0.take() }) else { return nil }
        // An interface of unknown state is in another namespace, and may be up.
        try interfaceChanged(isUp: watch.current?.isUp ?? true, mtu: watch.current?.mtu ?? 0)
        let attendant = try Attendant(shared, watch) { [self] state in followInterface(state) }
        let handedOver = Mutex<Attendant?>(attendant)
        return {
            var attendant = handedOver.withLock { $0.take()! }
            attendant.run()
        }
    }

    /// Ends all threads and sessions, and lets go of the port. The interface goes with the TUN device.
    package func stop() {
        shared.stop()
        for thread in threads.withLock({ $0 }) { thread.join() }
        shared.tunnel.stop()
        shared.closeSockets()
        tun.release()
    }

    package var workerCount: Int { shared.workerCount }

    /// The interface's name when the engine was made.
    package var interface: InterfaceName { tun.name }

    /// Becomes readable when the interface was deleted, or a thread cannot go on.
    package var interfaceGone: CInt { shared.interfaceGone.raw }

    // MARK: The interface

    /// Called by the attendant. Without sockets the interface stays up all the same: a port may be set later.
    private func followInterface(_ state: InterfaceState) {
        do throws(Errno) { try interfaceChanged(isUp: state.isUp, mtu: state.mtu) } catch {}
    }

    /// Opens or closes the sockets and ends the sessions when the interface goes up or down. `mtu` is 0 if unknown.
    /// Throws, and logs, if it is up and sockets cannot be opened.
    private func interfaceChanged(isUp: Bool, mtu: UInt32) throws(Errno) {
        if mtu != 0, shared.mtu != Int(mtu) { shared.settings.log(.verbose, "MTU is \(mtu)") }
        shared.setMTU(Int(mtu))
        try configuration.withLock { (configuration) throws(Errno) in
            guard configuration.isUp != isUp else { return }
            configuration.isUp = isUp
            shared.settings.log(.verbose, isUp ? "Interface is up" : "Interface is down")
            guard isUp else { return goDown() }
            defer { raise(shared.tunnel.start(now())) }
            try goUp(&configuration)
        }
    }

    /// Another program may have taken the port meanwhile. If the system chose it, any other will do.
    private func goUp(_ configuration: inout Configuration) throws(Errno) {
        do throws(Errno) {
            configuration.port = try openSockets(configuration.port, configuration.mark)
        } catch {
            guard configuration.isAnyPort, configuration.port != 0 else { throw error }
            configuration.port = try openSockets(0, configuration.mark)
        }
    }

    /// Like the kernel's interface, ours does not hold its port while it is down.
    private func goDown() {
        shared.tunnel.stop()
        shared.closeSockets()
    }

    // MARK: Configuration

    package func device(name: InterfaceName) -> Device {
        var device = shared.tunnel.device(name: name)
        configuration.withLock { configuration in
            device.listenPort = configuration.port
            device.fwmark = configuration.mark
        }
        return device
    }

    /// All of it or nothing: what may fail, the port and the mark, comes first. EADDRINUSE for a port that
    /// somebody else has.
    package func apply(_ update: DeviceUpdate) throws(Errno) {
        try configuration.withLock { (configuration) throws(Errno) in
            var changed = configuration
            if let mark = update.fwmark { changed.mark = mark }
            if let port = update.listenPort {
                changed.port = port
                changed.isAnyPort = port == 0
            }
            try changeSockets(configuration, &changed, asksForPort: update.listenPort != nil)
            configuration = changed
            shared.setMark(changed.mark)
            raise(shared.tunnel.apply(update, now()))
        }
    }

    /// A port that cannot be opened is reported to the caller, even while the interface is down: the port is then
    /// opened and closed again.
    private func changeSockets(_ old: Configuration, _ new: inout Configuration, asksForPort: Bool) throws(Errno) {
        let group = shared.socketGroup
        let isSamePort = new.port != 0 && new.port == group?.port
        if asksForPort, !isSamePort {
            if new.isUp {
                new.port = try openSockets(new.port, new.mark)
            } else if new.port != 0 {
                _ = try openSockets(new.port, new.mark, isForUse: false)
            }
        } else if new.mark != old.mark {
            try group?.setMark(new.mark)
        }
    }

    /// Replaces the sockets by new ones on the port, or only tests whether they can be opened. Returns the port. A
    /// failure is also logged: some callers have nobody to report it to, and `wg` shows no more than the error.
    private func openSockets(_ port: UInt16, _ mark: UInt32, isForUse: Bool = true) throws(Errno) -> UInt16 {
        do throws(Errno) {
            shared.waitForOldSockets()
            let group = try UDPSocketGroup(
                workers: shared.workerCount, port: port, mark: mark, joinsDatagrams: shared.settings.usesOffloads)
            guard isForUse else { return group.port }
            try shared.setSockets(group)
            shared.settings.log(.verbose, "Listening on port \(group.port)")
            return group.port
        } catch {
            shared.settings.log(.error, "Cannot listen on port \(port): \(error)")
            throw error
        }
    }

    private func raise(_ alarms: [PeerAlarm]) { for alarm in alarms { shared.alarms.raise(alarm) } }

    private func now() -> Instant { Instant(nanoseconds: Clock.bootNanoseconds()) }
}
