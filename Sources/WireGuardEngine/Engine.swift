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
        /// As it was asked for; 0 takes any.
        var port: UInt16 = 0
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
        shared = try EngineState(settings, workers: tun.queues.count, tunnel: Tunnel())
    }

    // MARK: Threads

    package func start() throws(Errno) {
        let shared = shared
        let offloads = tun.offloads
        try startAttendant()
        for (number, queue) in tun.queues.enumerated() {
            try start("worker") { () throws(Errno) in
                var worker = try Worker(shared, number: number, queue: queue, offloads: offloads)
                worker.run()
            }
        }
    }

    private func startAttendant() throws(Errno) {
        guard let watch = watch.withLock({ $0.take() }) else { return }
        // Where nothing is known of it, it is another namespace's, and may be up.
        interfaceChanged(isUp: watch.current?.isUp ?? true, mtu: watch.current?.mtu ?? 0)
        let handedOver = Mutex<InterfaceWatch?>(watch)
        try start("attendant") { [self] () throws(Errno) in
            var attendant = try Attendant(shared, handedOver.withLock { $0.take()! }) { [self] state in
                interfaceChanged(isUp: state.isUp, mtu: state.mtu)
            }
            attendant.run()
        }
    }

    private func start(_ name: StaticString, _ body: @escaping @Sendable () throws(Errno) -> Void) throws(Errno) {
        let shared = shared
        let thread = try Thread(name: name) {
            do throws(Errno) {
                try body()
            } catch {
                shared.settings.log(.error, "The \(name) thread cannot work: \(error)")
                shared.interfaceGone.signal()
            }
        }
        let running = RunningThread(thread)
        threads.withLock { $0.append(running) }
    }

    /// Ends all threads and sessions, and lets go of the port. The interface goes with the TUN device.
    package func stop() {
        shared.stop()
        for thread in threads.withLock({ $0 }) { thread.join() }
        shared.tunnel.stop()
        shared.setSockets(nil)
    }

    /// Becomes readable when the interface was deleted, or a thread cannot go on.
    package var interfaceGone: CInt { shared.interfaceGone.raw }

    // MARK: The interface

    /// Sessions live while the interface is up. `mtu` is 0 where it is not known.
    private func interfaceChanged(isUp: Bool, mtu: UInt32) {
        shared.setMTU(Int(mtu))
        configuration.withLock { configuration in
            guard configuration.isUp != isUp else { return }
            configuration.isUp = isUp
            shared.settings.log(.verbose, isUp ? "Interface is up" : "Interface is down")
            if isUp { goUp(configuration) } else { shared.tunnel.stop() }
        }
    }

    private func goUp(_ configuration: Configuration) {
        if shared.socketGroup == nil {
            do throws(Errno) {
                shared.setSockets(try openSockets(configuration.port, configuration.mark))
            } catch {
                shared.settings.log(.error, "Cannot listen on port \(configuration.port): \(error)")
            }
        }
        raise(shared.tunnel.start(now()))
    }

    // MARK: Configuration

    package func device(name: InterfaceName) -> Device {
        var device = shared.tunnel.device(name: name)
        configuration.withLock { configuration in
            device.listenPort = shared.socketGroup?.port ?? configuration.port
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
            if let port = update.listenPort { changed.port = port }
            try changeSockets(configuration, changed, asksForPort: update.listenPort != nil)
            configuration = changed
            raise(shared.tunnel.apply(update, now()))
        }
    }

    /// A port that was asked for is taken at once, so that whoever asks hears when it is not to be had; any port,
    /// when the interface is up.
    private func changeSockets(_ old: Configuration, _ new: Configuration, asksForPort: Bool) throws(Errno) {
        let group = shared.socketGroup
        let isSamePort = new.port != 0 && new.port == group?.port
        if asksForPort, !isSamePort {
            shared.setSockets(new.port != 0 || new.isUp ? try openSockets(new.port, new.mark) : nil)
        } else if new.mark != old.mark {
            try group?.setMark(new.mark)
        }
    }

    private func openSockets(_ port: UInt16, _ mark: UInt32) throws(Errno) -> UDPSocketGroup {
        try UDPSocketGroup(
            workers: shared.workerCount, port: port, mark: mark, joinsDatagrams: shared.settings.usesOffloads)
    }

    private func raise(_ alarms: [PeerAlarm]) { for alarm in alarms { shared.alarms.raise(alarm) } }

    private func now() -> Instant { Instant(nanoseconds: Clock.bootNanoseconds()) }
}
