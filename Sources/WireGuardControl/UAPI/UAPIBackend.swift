package import ByteText
package import LinuxSystem
package import WireGuardModel
internal import WireGuardText

/// Userspace daemons, each listening on `NAME.sock` in one folder.
package struct UAPIBackend: DeviceBackend {
    private let folder: ByteString

    package static let suffix: ByteString = ".sock"

    package init(folder: ByteString = "/var/run/wireguard/") { self.folder = folder }

    /// Whether a daemon listens for this interface. A socket that nobody listens on is removed.
    package func isServed(_ name: InterfaceName) -> Bool { hasSocket(name) && refusal(of: name) == nil }

    /// Whether a daemon serves the interface, even if we may not connect to its socket: its error says more than that
    /// of the kernel, which does not know the interface.
    func owns(_ name: InterfaceName) -> Bool {
        guard hasSocket(name) else { return false }
        let refusal = refusal(of: name)
        return refusal == nil || refusal == .accessDenied
    }

    /// The error of connecting to the daemon; nil if it succeeds.
    private func refusal(of name: InterfaceName) -> Errno? {
        do throws(Errno) {
            _ = try UnixSocket.connect(to: path(of: name))
            return nil
        } catch {
            if error == .connectionRefused { FileSystem.remove(path(of: name)) }
            return error
        }
    }

    /// Whether a daemon, if only one that ends, has a socket for this interface.
    package func hasSocket(_ name: InterfaceName) -> Bool {
        !name.text.bytes.contains(ASCII.slash) && FileSystem.isSocket(path(of: name))
    }

    package func list() throws(Errno) -> [InterfaceName] {
        let entries: [ByteString]
        do throws(Errno) {
            entries = try FileSystem.entries(of: folder)
        } catch {
            if error == .notFound { return [] }
            throw error
        }
        return entries.compactMap(interfaceName).filter(isServed)
    }

    package func get(_ name: InterfaceName) throws(Errno) -> Device {
        let daemon = try UAPIConnection(to: path(of: name))
        var device = try daemon.get(name)
        // A daemon's name may be longer than an interface's; it shows as the kernel would have cut it.
        device.name = InterfaceName(ByteString(Array(name.text.bytes.prefix(InterfaceName.longest))))
        return device
    }

    package func set(_ update: DeviceUpdate) throws(Errno) {
        let daemon = try UAPIConnection(to: path(of: update.name))
        try daemon.set(update)
    }

    private func path(of name: InterfaceName) -> ByteString { folder + name.text + Self.suffix }

    private func interfaceName(of file: ByteString) -> InterfaceName? {
        guard file.count > Self.suffix.count, file.hasSuffix(Self.suffix) else { return nil }
        return InterfaceName(ByteString(Array(file.bytes.dropLast(Self.suffix.count))))
    }
}
