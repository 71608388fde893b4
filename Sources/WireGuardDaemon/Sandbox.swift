internal import ByteText
internal import CLinux
internal import Glibc
internal import LinuxSystem

/// Restricts the daemon once everything that it needs is open. An attacker who takes over the process through a bug can
/// then write no file, start no program and open no connection.
///
/// Two layers: landlock(7) for files, seccomp(2) for system calls. The daemon works without a layer that its kernel, or
/// its container, does not offer.
package enum Sandbox {
    /// The meaning of WG_SANDBOX.
    package enum Mode: Equatable, Sendable {
        case off
        /// A forbidden call fails with EPERM, and the log says so.
        case on
        /// A forbidden call ends the process, and so does a sandbox that cannot be set up: for tests.
        case kill
    }

    /// Confines the calling thread and those that it starts: call it before the others start, and after
    /// `Privileges.drop`. `folder` is the control socket's, whose file is removed at the end.
    static func confineFiles(to folder: ByteString?, _ mode: Mode, _ log: Log) throws(Errno) {
        try putUp("landlock", mode, log) { () throws(Errno) in
            guard let folder else {
                try syscall { clinux_confine_files(nil) }
                return
            }
            try folder.withCString { (folder) throws(Errno) in _ = try syscall { clinux_confine_files(folder) } }
        }
    }

    /// Confines all threads: call it when all have been started and nothing is left to be opened.
    static func confineCalls(_ mode: Mode, _ log: Log) throws(Errno) {
        try putUp("seccomp", mode, log) { () throws(Errno) in
            // The name is read whenever a call is refused.
            let name = strdup(log.name)
            try syscall { clinux_confine_calls(name, mode == .kill ? 1 : 0) }
        }
    }

    private static func putUp(
        _ layer: String, _ mode: Mode, _ log: Log, _ body: () throws(Errno) -> Void
    ) throws(Errno) {
        guard mode != .off else { return }
        do throws(Errno) {
            try body()
            log.debug("confined by \(layer)")
        } catch {
            if isMissing(error) { return log.debug("goes without \(layer): the kernel does not have it") }
            guard mode != .kill else { throw error }
            log.error("goes without \(layer): \(error)")
        }
    }

    /// Kernels without seccomp filters return EINVAL.
    private static func isMissing(_ error: Errno) -> Bool {
        [ENOSYS, EOPNOTSUPP, EINVAL].contains(error.code)
    }
}
