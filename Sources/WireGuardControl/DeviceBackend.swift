package import LinuxSystem
package import WireGuardModel

/// A way to reach WireGuard interfaces: the kernel's netlink, a userspace daemon's socket, or whatever
/// another system has.
package protocol DeviceBackend {
    /// The interfaces that this backend knows, in its own order.
    func list() throws(Errno) -> [InterfaceName]

    /// An interface as it is now.
    func get(_ name: InterfaceName) throws(Errno) -> Device

    /// Changes an interface; the order of peers and of their allowed-ips is the update's.
    func set(_ update: DeviceUpdate) throws(Errno)
}
