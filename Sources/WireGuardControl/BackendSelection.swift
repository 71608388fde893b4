package import LinuxSystem
package import WireGuardModel

/// Which interface is reached in which way: by its daemon's socket if somebody listens there, else by
/// the kernel.
package struct BackendSelection: DeviceBackend {
    private let kernel: any DeviceBackend
    private let userspace: UAPIBackend

    package init() {
        self.init(kernel: NetlinkBackend(), userspace: UAPIBackend())
    }

    package init(kernel: any DeviceBackend, userspace: UAPIBackend) {
        (self.kernel, self.userspace) = (kernel, userspace)
    }

    package func list() throws(Errno) -> [InterfaceName] {
        try kernel.list() + userspace.list()
    }

    package func get(_ name: InterfaceName) throws(Errno) -> Device {
        try backend(for: name).get(name)
    }

    package func set(_ update: DeviceUpdate) throws(Errno) {
        try backend(for: update.name).set(update)
    }

    private func backend(for name: InterfaceName) -> any DeviceBackend {
        userspace.owns(name) ? userspace : kernel
    }
}
