internal import LinuxSystem
internal import WireGuardEngine
internal import WireGuardModel

/// The engine as the daemon runs it.
final class EngineTunnel: DaemonTunnel {
    private let engine: Engine
    let name: InterfaceName

    /// Makes the interface, or takes over that of WG_TUN_FD.
    static func open(_ options: Options, _ log: Log) throws(DaemonFailure) -> any DaemonTunnel {
        let tun = try device(options, log)
        var options = options
        if options.isNumbered { options.interface = tun.name }
        let log = log.renamed(for: options.interface)
        return try attempt("engine") { () throws(Errno) in try EngineTunnel(tun, options, log) }
    }

    private static func device(_ options: Options, _ log: Log) throws(DaemonFailure) -> TunDevice {
        let offloads: TunOffloads = options.usesOffloads ? .all : []
        let workers = workerCount(options, log)
        do throws(TunFailure) {
            guard let descriptor = options.tunDescriptor else {
                return try TunDevice(creating: options.interface, queueCount: workers, offloads: offloads) {
                    log.error($0)
                }
            }
            return try TunDevice(adopting: descriptor, offloads: offloads) { log.error($0) }
        } catch {
            throw .noInterface(error)
        }
    }

    /// Each worker needs descriptors, and so does each later change of the port.
    private static func workerCount(_ options: Options, _ log: Log) -> Int {
        let wanted = min(options.threads ?? Processors.count, TunDevice.mostQueues)
        let limit = DescriptorLimit.count
        let most = DescriptorLimit.mostWorkers(of: limit)
        if wanted > most, options.threads != nil {
            log.error("\(limit) open files are enough for \(most) of \(wanted) threads: allow more (`ulimit -n')")
        }
        return min(wanted, most)
    }

    private init(_ tun: TunDevice, _ options: Options, _ log: Log) throws(Errno) {
        var settings = EngineSettings()
        settings.usesOffloads = options.usesOffloads
        settings.cipher = options.cipher
        settings.usesBusyPoll = options.usesBusyPoll
        settings.log = { level, line in
            switch level {
            case .verbose: log.debug(line)
            case .error: log.error(line)
            }
        }
        if log.level == .verbose { settings.trace = EventLog(log).write }
        settings.sendFailed = { log.error($0.line) }
        settings.routeLoops = { log.error($0.loopLine) }
        name = options.interface
        engine = try Engine(tun, settings)
    }

    func start() throws(Errno) { try engine.start() }

    var workerCount: Int { engine.workerCount }

    var end: CInt { engine.interfaceGone }

    func stop() { engine.stop() }

    func device() -> Device { engine.device(name: name) }

    func apply(_ update: DeviceUpdate) throws(Errno) { try engine.apply(update) }
}
