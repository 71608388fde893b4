package import ByteText
internal import CLinux
internal import Glibc

package enum UnixSocket {
    /// Connects to the listener at `path`. Unless it `waits`, the descriptor is non-blocking, and a listener
    /// whose queue is full throws EAGAIN.
    package static func connect(to path: ByteString, waits: Bool = true) throws(Errno) -> FileDescriptor {
        let descriptor = try open(flags: waits ? 0 : CInt(SOCK_NONBLOCK.rawValue))
        try withAddress(of: path) { (address, length) throws(Errno) in
            _ = try syscall { Glibc.connect(descriptor.raw, address, length) }
        }
        return descriptor
    }

    /// A listener at `path` that only the owner may connect to, in the place of whatever file was there. Non-blocking.
    ///
    /// Between bind and listen a client would take the socket for one left behind, and remove it:
    /// it gets its name when it already answers.
    package static func listen(at path: ByteString, backlog: CInt = 128) throws(Errno) -> FileDescriptor {
        let descriptor = try open(flags: CInt(SOCK_NONBLOCK.rawValue))
        let passing = path + ByteString(".\(getpid())")
        FileSystem.remove(passing)
        try withAddress(of: passing) { (address, length) throws(Errno) in
            _ = try syscall { bind(descriptor.raw, address, length) }
        }
        do throws(Errno) {
            try passing.withCString { (name) throws(Errno) in _ = try syscall { chmod(name, 0o600) } }
            try syscall { Glibc.listen(descriptor.raw, backlog) }
            try rename(passing, to: path)
        } catch {
            FileSystem.remove(passing)
            throw error
        }
        return descriptor
    }

    /// The next client, non-blocking; nil when none waits. One that gave up meanwhile is passed over.
    ///
    /// The kernel allocates a descriptor first, and fails for want of one even if no client waits: that is nil, too.
    package static func accept(from listener: borrowing FileDescriptor) throws(Errno) -> FileDescriptor? {
        let raw = listener.raw
        while true {
            do throws(Errno) {
                return FileDescriptor(owning: try syscall { clinux_accept(raw) })
            } catch {
                if error == .tryAgain || !hasClient(raw) { return nil }
                if error.code != ECONNABORTED { throw error }
            }
        }
    }

    private static func hasClient(_ listener: CInt) -> Bool {
        var polled = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, 0) != 0
    }

    /// Tells the other end that nothing more will come.
    package static func endSending(on socket: borrowing FileDescriptor) { shutdown(socket.raw, CInt(SHUT_WR)) }

    private static func open(flags: CInt = 0) throws(Errno) -> FileDescriptor {
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | flags
        return FileDescriptor(owning: try syscall { socket(AF_UNIX, kind, 0) })
    }

    private static func rename(_ old: ByteString, to new: ByteString) throws(Errno) {
        try old.withCString { (old) throws(Errno) in
            try new.withCString { (new) throws(Errno) in _ = try syscall { Glibc.rename(old, new) } }
        }
    }

    private static func withAddress(
        of path: ByteString, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Errno) -> Void
    ) throws(Errno) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .nameTooLong }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.bytes) }
        try withUnsafePointer(to: &address) { (address) throws(Errno) in
            try address.withMemoryRebound(to: sockaddr.self, capacity: 1) { (address) throws(Errno) in
                try body(address, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
