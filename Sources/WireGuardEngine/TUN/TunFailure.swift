package import LinuxSystem
package import WireGuardModel

/// Why there is no TUN device, and what to do about it.
package enum TunFailure: Error, Equatable {
    case badName(InterfaceName)
    case nameTaken(InterfaceName)
    case noDeviceFile
    case noModule
    case noPermission
    case notTun(descriptor: CInt)
    /// TAP: Ethernet frames.
    case wrongKind(descriptor: CInt)
    case other(InterfaceName, Errno)
}

extension TunFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badName(let name):
            """
            `\(name)' is no name for an interface: give 1 to 15 letters, digits or signs, but no blank, `/' or `:', \
            and `%' only in one `%d' for a number
            """
        case .nameTaken(let name):
            "Interface `\(name)' exists already: choose another name, or remove it with `ip link delete dev \(name)'"
        case .noDeviceFile:
            "/dev/net/tun does not exist: load the module with `modprobe tun', or give the container the device"
        case .noModule:
            "The kernel has no TUN devices: load the module with `modprobe tun', or on the host of this container"
        case .noPermission:
            "No permission to create an interface: run as root, or with CAP_NET_ADMIN and access to /dev/net/tun"
        case .notTun(let descriptor):
            "Descriptor \(descriptor) is no TUN device: attach it to an interface with TUNSETIFF before passing it on"
        case .wrongKind(let descriptor):
            "Descriptor \(descriptor) is a TAP device: attach it to an interface with IFF_TUN and IFF_NO_PI"
        case .other(let name, let failure):
            "Unable to create interface `\(name)': \(failure)"
        }
    }
}
