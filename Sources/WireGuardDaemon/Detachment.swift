internal import CLinux
internal import Glibc
internal import LinuxSystem

/// Going on in the background, while the process that the shell started waits until the daemon is ready.
struct Detachment: ~Copyable {
    /// The child's end of a pipe to its parent; closed once all is told.
    private var report: FileDescriptor?
    /// /dev/null, opened while files can still be opened.
    private let null: FileDescriptor

    /// What a process is after it was divided in two.
    enum Side: ~Copyable {
        case parent(Waiting)
        case child(Detachment)
    }

    /// Only while the process has a single thread.
    static func fork() throws(Errno) -> Side {
        var ends: (CInt, CInt) = (-1, -1)
        try withUnsafeMutableBytes(of: &ends) { (ends) throws(Errno) in
            let ends = ends.bindMemory(to: CInt.self).baseAddress!
            _ = try syscall { pipe2(ends, O_CLOEXEC) }
        }
        let read = FileDescriptor(owning: ends.0)
        let write = FileDescriptor(owning: ends.1)
        // Before there are two processes, of which one alone would fail.
        let null = try FileDescriptor.open("/dev/null", flags: O_RDWR)
        let child = try syscall { clinux_fork() }
        guard child == 0 else { return .parent(Waiting(report: read, child: child)) }
        // A session of its own has no terminal whose end would end the daemon.
        setsid()
        _ = chdir("/")
        return .child(Detachment(report: write, null: null))
    }

    /// Lets go of the terminal and tells the parent to return to the shell. The outputs stay with whoever wants
    /// to hear more than errors.
    mutating func finish(keepsOutput: Bool) throws(DaemonFailure) {
        try attempt("/dev/null") { () throws(Errno) in
            let raw = null.raw
            for stream in keepsOutput ? [STDIN_FILENO] : [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
                try syscall { dup2(raw, stream) }
            }
        }
        tell(.ready)
    }

    /// Tells the parent that there will be no daemon, for a reason that its user has been told.
    mutating func giveUp() { tell(.failed) }

    /// The parent may be gone, which changes nothing: SIGPIPE is ignored.
    private mutating func tell(_ outcome: Outcome) {
        guard let report = report.take() else { return }
        var byte = outcome.rawValue
        _ = write(report.raw, &byte, 1)
    }

    enum Outcome: UInt8 { case ready, failed }

    /// The parent's part.
    struct Waiting: ~Copyable {
        fileprivate let report: FileDescriptor
        fileprivate let child: pid_t

        enum End: Equatable {
            case told(Outcome)
            /// The child ended without reporting an outcome.
            case silent
            /// A signal has stopped the start, and the child with it.
            case interrupted(signal: CInt)
        }

        /// Milliseconds for the child to end after a signal.
        private static let patience = 10_000

        /// Waits for the child's outcome. Signals are blocked: one that stops the start must not leave a daemon behind.
        borrowing func end() throws(Errno) -> End {
            let signals = try SignalFD(Ending.signals)
            var polled = [report.raw, signals.raw].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            while true {
                _ = try syscall { poll(&polled, nfds_t(polled.count), -1) }
                if let signal = signals.read() {
                    endChild()
                    return .interrupted(signal: signal)
                }
                if polled[0].revents != 0 { return readReport() }
            }
        }

        private borrowing func readReport() -> End {
            var byte: UInt8 = 0
            let raw = report.raw
            guard (try? syscall({ read(raw, &byte, 1) })) == 1, let outcome = Outcome(rawValue: byte) else {
                return .silent
            }
            return .told(outcome)
        }

        private borrowing func endChild() {
            kill(child, SIGTERM)
            for _ in 0..<Self.patience {
                if waitpid(child, nil, WNOHANG) != 0 { return }
                Clock.sleep(microseconds: 1000)
            }
        }
    }
}
