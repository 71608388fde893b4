internal import LinuxSystem

/// The daemon at work: its tunnel and its socket, each with threads of its own, while the main thread waits for
/// the end.
final class Service {
    private let tunnel: any DaemonTunnel
    private let server: UAPIServer
    private let ending: Ending
    private let file: ControlSocketFile?
    private let log: Log
    private let sandbox: Sandbox.Mode

    /// Gives up privileges and starts the threads. When it returns, the socket answers, and everything that the daemon
    /// needs is open.
    init(
        of options: Options, _ tunnel: any DaemonTunnel, on socket: consuming ControlSocket, log: Log
    ) throws(DaemonFailure) {
        let file = socket.file
        let watch = try attempt("inotify") { () throws(Errno) -> SocketWatch? in
            if let file { return try SocketWatch(of: file) }
            return nil
        }
        if watch?.pollMilliseconds != nil { log.debug("looks after its socket once a second: inotify is used up") }
        let ending = try attempt("signals") { () throws(Errno) in try Ending(tunnel: tunnel.end, watch: watch) }
        try attempt("capabilities") { () throws(Errno) in try Privileges.drop() }
        try attempt("landlock") { () throws(Errno) in
            try Sandbox.confineFiles(to: file?.place.folder, options.sandbox, log)
        }
        let listener = socket.takeListener()
        let mostClients = DescriptorLimit.mostClients(of: DescriptorLimit.count, beside: tunnel.workerCount)
        do throws(Errno) {
            server = try UAPIServer(
                on: listener, about: options.interface, with: tunnel, log: log, mostClients: mostClients)
        } catch {
            throw .startFailed(step: "control socket", error)
        }
        self.tunnel = tunnel
        self.ending = ending
        self.file = file
        self.log = log
        sandbox = options.sandbox
        try attempt("tunnel") { () throws(Errno) in try tunnel.start() }
        try attempt("listen port") { () throws(Errno) in try DescriptorLimit.checkRoom(for: tunnel.workerCount) }
        try attempt("control socket") { [server] () throws(Errno) in try server.start() }
    }

    /// Works until there is a reason to end, and leaves nothing behind. The status to exit with.
    func runToEnd() -> CInt {
        let status = waitForEnd()
        server.stop()
        tunnel.stop()
        // Removed last: a program that waits for that may want the port. The interface goes with the process.
        file?.remove()
        return status
    }

    private func waitForEnd() -> CInt {
        do throws(Errno) {
            // Only after detaching from the terminal, which needs system calls that nothing later needs.
            try Sandbox.confineCalls(sandbox, log)
            log.debug("ready")
            switch try ending.wait() {
            case .signal: log.debug("ends by a signal")
            case .socketRemoved: log.debug("ends because its socket was removed")
            case .tunnelOver: log.debug("ends because its interface is gone")
            }
            return 0
        } catch {
            log.error("cannot go on: \(error)")
            return 1
        }
    }
}

/// Makes a failure of the system one of the daemon's start.
func attempt<R: ~Copyable>(_ step: String, _ body: () throws(Errno) -> R) throws(DaemonFailure) -> R {
    do throws(Errno) {
        return try body()
    } catch {
        throw .startFailed(step: step, error)
    }
}
