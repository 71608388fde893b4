package import ByteText
internal import Glibc
package import LinuxSystem
package import WireGuardEngine
package import WireGuardModel
internal import WireGuardText

/// Why the daemon does not start, and what to do about it: one line for the terminal.
package enum DaemonFailure: Error, Equatable {
    case usage
    /// A variable of the environment that we do not understand.
    case badSetting(name: String, value: ByteString, wanted: String)
    case alreadyRunning(InterfaceName, socket: ByteString)
    /// Another process has been starting it for seconds.
    case alreadyStarting(InterfaceName, lock: ByteString)
    /// Another file stands where the socket goes.
    case noSocket(path: ByteString)
    case socketFailed(path: ByteString, Errno)
    /// The descriptor in WG_UAPI_FD is no socket that listens.
    case inheritedSocketFailed(Errno)
    case noInterface(TunFailure)
    /// A step of the start that does not usually fail.
    case startFailed(step: String, Errno)
    /// The process that should go on in the background ended before it was ready.
    case diedEarly
}

extension DaemonFailure: CustomStringConvertible {
    package static let usageText = """
        Usage: wireguard-swift [-f|--foreground] INTERFACE
               wireguard-swift --version | --help
        """

    package var description: String {
        switch self {
        case .usage: Self.usageText
        case .badSetting(let name, let value, let wanted):
            "\(name)=\(value.quoted) is not understood: set it to \(wanted)"
        case .alreadyRunning(let name, let socket):
            "\(name) is already running: end it by removing \(socket.excerpt), or choose another name"
        case .alreadyStarting(let name, let lock):
            "\(name) is being started by another process, which holds \(lock.excerpt): wait for that process, or end it"
        case .noSocket(let path): "\(path.excerpt) is in the way and is no socket: remove it"
        case .socketFailed(let path, let error): "\(path.excerpt): \(error)\(Self.cure(ofSocket: error))"
        case .inheritedSocketFailed(let error): "WG_UAPI_FD is no socket that listens: \(error)"
        case .noInterface(let failure): failure.description
        case .startFailed(let step, let error): "\(step): \(error)\(Self.cure(ofStart: error))"
        case .diedEarly: "the background process ended before it was ready: try again with --foreground"
        }
    }

    private static func cure(ofStart error: Errno) -> String {
        switch error.code {
        case EMFILE: ": allow more open files (`ulimit -n')"
        // EAGAIN comes from fork(2) and pthread_create(3).
        case EAGAIN: ": allow more processes and threads (`ulimit -u', or pids.max of the control group)"
        default: ""
        }
    }

    private static func cure(ofSocket error: Errno) -> String {
        error.code == EPERM || error.code == EACCES ? ": run as root" : cure(ofStart: error)
    }
}
