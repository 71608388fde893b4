package import ByteText
internal import Glibc
internal import LinuxSystem
internal import WireGuardProtocol

/// The program `wireguard-swift` as a function.
///
/// What may fail for reasons that its user can mend happens first, with the terminal at hand: the socket's name is
/// claimed, the interface made, the socket opened. Then the process divides, and the child starts its threads,
/// serves its socket, and lets the parent go.
package enum Daemon {
    package static let version = "wireguard-swift v0.1.0"

    /// Makes the interface, or takes over that of WG_TUN_FD. Called once, by the only thread, with all privileges;
    /// throws `noInterface`.
    package typealias OpenTunnel = (Options, Log) throws(DaemonFailure) -> any DaemonTunnel

    /// Runs what the arguments, without the program's name, ask for. The status to exit with, at once and without
    /// anything else being closed.
    package static func run(
        _ arguments: [ByteString], environment: (ByteString) -> ByteString? = Environment.value,
        folder: ByteString = ControlSocketPlace.usualFolder, open: OpenTunnel = EngineTunnel.open
    ) -> CInt {
        do throws(DaemonFailure) {
            switch try Invocation(arguments, environment: environment) {
            case .help: say(DaemonFailure.usageText)
            case .version: say(version)
            case .run(let options): return try run(options, folder: folder, open: open)
            }
            return 0
        } catch {
            complain(error)
            return 1
        }
    }

    private static func say(_ text: String) {
        var output = OutputStream(descriptor: StandardStream.output)
        output.buffer.append(string: text + "\n")
        _ = output.finish()
    }

    private static func complain(_ failure: DaemonFailure) {
        Log.writeToStandardError(failure == .usage ? failure.description : "wireguard-swift: \(failure)")
    }

    private static func run(
        _ options: Options, folder: ByteString, open: OpenTunnel
    ) throws(DaemonFailure) -> CInt {
        // Standard error may be a pipe without a reader, or a file with a size limit.
        for unwanted in [SIGPIPE, SIGXFSZ] { signal(unwanted, SIG_IGN) }
        // From here on a signal waits until the start has ended: so the start leaves nothing behind.
        try attempt("signals") { () throws(Errno) in try SignalFD.block(Ending.signals) }
        DescriptorLimit.raise()
        // While there are descriptors to spare: libcrypto reads a file here, and could not say that there is none left.
        Algorithms.load()
        var options = options
        options.tunDescriptor = aboveStandardStreams(options.tunDescriptor)
        options.uapiDescriptor = aboveStandardStreams(options.uapiDescriptor)
        let log = Log(options.logLevel, name: Log.name(of: options.interface))
        if options.uapiDescriptor != nil { return try serve(options, try open(options, log), nil, log) }
        if options.isNumbered { return try runNumbered(options, folder, open, log) }
        let claim = try ControlSocketPlace(of: options.interface, in: folder).claim()
        return try serve(options, try open(options, log), claim, log)
    }

    /// Moves a descriptor that was passed as a standard stream, as by socket activation: detaching would replace it by
    /// /dev/null. A number that is no open descriptor is returned as it is and reported later.
    private static func aboveStandardStreams(_ given: CInt?) -> CInt? {
        guard let given, given <= STDERR_FILENO else { return given }
        let moved = fcntl(given, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
        return moved == -1 ? given : moved
    }

    /// The name is known once the interface exists. If a daemon of that name runs, with its interface in another
    /// network namespace, the next number is tried, while the interface keeps the first one from being chosen again.
    private static func runNumbered(
        _ options: Options, _ folder: ByteString, _ open: OpenTunnel, _ log: Log
    ) throws(DaemonFailure) -> CInt {
        var passedOver: [any DaemonTunnel] = []
        while true {
            let tunnel = try open(options, log)
            do throws(DaemonFailure) {
                let claim = try ControlSocketPlace(of: tunnel.name, in: folder).claim(patience: 0)
                passedOver = []
                return try serve(options, tunnel, claim, log)
            } catch .alreadyRunning {
                passedOver.append(tunnel)
            }
        }
    }

    /// Serves the socket of WG_UAPI_FD if there is no claim.
    private static func serve(
        _ options: Options, _ tunnel: any DaemonTunnel, _ claim: consuming ControlSocketClaim?, _ log: Log
    ) throws(DaemonFailure) -> CInt {
        var options = options
        if options.isNumbered { options.interface = tunnel.name }
        let log = log.renamed(for: options.interface)
        do throws(DaemonFailure) {
            if let claim { return try detach(options, tunnel, try claim.listen(), log) }
            return try detach(options, tunnel, try ControlSocket(inheriting: options.uapiDescriptor!), log)
        } catch {
            tunnel.stop()
            throw error
        }
    }

    // MARK: Two processes

    private static func detach(
        _ options: Options, _ tunnel: any DaemonTunnel, _ socket: consuming ControlSocket, _ log: Log
    ) throws(DaemonFailure) -> CInt {
        let file = socket.file
        do throws(DaemonFailure) {
            if options.foreground {
                let service = try Service(of: options, tunnel, on: socket, log: log)
                tellName(options)
                return service.runToEnd()
            }
            switch try attempt("fork", Detachment.fork) {
            // Without a goodbye: interface and socket are the child's now.
            case .parent(let waiting): return try wait(waiting, options)
            case .child(let detachment): return work(options, tunnel, socket, log, detachment)
            }
        } catch {
            file?.remove()
            throw error
        }
    }

    private static func tellName(_ options: Options) {
        if options.isNumbered { say("\(options.interface)") }
    }

    private static func wait(
        _ child: consuming Detachment.Waiting, _ options: Options
    ) throws(DaemonFailure) -> CInt {
        switch try attempt("signals", { () throws(Errno) in try child.end() }) {
        case .told(.ready):
            tellName(options)
            return 0
        case .told(.failed): return 1
        case .silent: throw .diedEarly
        // The status that a shell has in $?.
        case .interrupted(let signal): return 128 + signal
        }
    }

    private static func work(
        _ options: Options, _ tunnel: any DaemonTunnel, _ socket: consuming ControlSocket, _ log: Log,
        _ detachment: consuming Detachment
    ) -> CInt {
        let file = socket.file
        do throws(DaemonFailure) {
            let service = try Service(of: options, tunnel, on: socket, log: log)
            try detachment.finish(keepsOutput: log.level == .verbose)
            return service.runToEnd()
        } catch {
            file?.remove()
            tunnel.stop()
            complain(error)
            // The shell goes on when everything is said and nothing left.
            detachment.giveUp()
            return 1
        }
    }
}
