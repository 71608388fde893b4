package import ByteText
internal import Glibc
package import LinuxSystem
package import WireGuardModel
internal import WireGuardText

/// Why the daemon does not start, and what to do about it: one line for the terminal.
package enum DaemonFailure: Error, Equatable {
    case usage
    case badName(ByteString)
    /// A variable of the environment that we do not understand.
    case badSetting(name: String, value: ByteString, wanted: String)
    case alreadyRunning(InterfaceName)
    /// Another file stands where the socket goes.
    case noSocket(path: ByteString)
    case socketFailed(path: ByteString, Errno)
    /// The descriptor in WG_UAPI_FD is no socket that listens.
    case inheritedSocketFailed(Errno)
    case interfaceFailed(InterfaceName, Errno)
    /// The descriptor in WG_TUN_FD is no TUN device.
    case inheritedInterfaceFailed(Errno)
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
        case .badName(let name):
            "\(name.quoted) cannot name an interface: use 1 to 15 letters, digits, `-', `_' or `.'"
        case .badSetting(let name, let value, let wanted):
            "\(name)=\(value.quoted) is not understood: set it to \(wanted)"
        case .alreadyRunning(let name):
            "\(name) is already running: stop it with `ip link delete \(name)', or choose another name"
        case .noSocket(let path): "\(path.excerpt) is in the way and is no socket: remove it"
        case .socketFailed(let path, let error): "\(path.excerpt): \(error)\(Self.cure(ofSocket: error))"
        case .inheritedSocketFailed(let error): "WG_UAPI_FD is no socket that listens: \(error)"
        case .interfaceFailed(let name, let error): Self.describe(name, error)
        case .inheritedInterfaceFailed(let error): "WG_TUN_FD is no TUN device: \(error)"
        case .startFailed(let step, let error): "\(step): \(error)"
        case .diedEarly: "the background process ended before it was ready: try again with --foreground"
        }
    }

    private static func cure(ofSocket error: Errno) -> String {
        isPermission(error) ? ": run as root" : ""
    }

    /// Which call has failed shows in the number: only opening the device file finds nothing there, and only
    /// naming the interface finds it taken.
    private static func describe(_ name: InterfaceName, _ error: Errno) -> String {
        if isPermission(error) {
            return "no permission to make \(name) (\(error)): run as root, or with the capability CAP_NET_ADMIN"
        }
        switch error {
        case .notFound, .noDevice, Errno(ENXIO):
            return "/dev/net/tun is not there: load its module with `modprobe tun', or give the container the device"
        case Errno(EBUSY):
            return "the name \(name) is taken by another program: end that, or choose another name"
        case .invalidArgument, Errno(EEXIST):
            return
                "the name \(name) is taken by an interface of another kind: remove that with `ip link delete \(name)', or choose another name"
        default: return "cannot make \(name): \(error)"
        }
    }

    private static func isPermission(_ error: Errno) -> Bool { error.code == EPERM || error.code == EACCES }
}
