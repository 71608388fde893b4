package import ByteText
internal import CLinux
internal import Glibc

/// A network of its own: interfaces, addresses, routes, sockets' ports. It lives while anybody holds it.
///
/// Each thread is in one, and a socket stays in that of the thread that made it.
package struct NetworkNamespace: ~Copyable, Sendable {
    private let file: FileDescriptor

    package var descriptor: CInt { file.raw }

    /// By the name that `ip netns` gave it.
    package init(named name: ByteString) throws(Errno) { try self.init(at: "/run/netns/" + name) }

    /// By a file that stands for it, such as `/proc/PID/ns/net`.
    package init(at path: ByteString) throws(Errno) { file = try FileDescriptor.open(path) }

    /// That of the calling thread.
    package static func current() throws(Errno) -> NetworkNamespace {
        try NetworkNamespace(at: "/proc/thread-self/ns/net")
    }

    /// The namespace's inode number: no other namespace has it as long as this one exists.
    package var number: UInt64 {
        get throws(Errno) {
            var status = stat()
            let raw = file.raw
            _ = try syscall { fstat(raw, &status) }
            return UInt64(status.st_ino)
        }
    }

    /// Takes the calling thread there, for good. Takes CAP_SYS_ADMIN.
    package borrowing func enter() throws(Errno) {
        let raw = file.raw
        try syscall { setns(raw, CInt(CLONE_NEWNET)) }
    }

    /// Calls `body` there, and returns to where the thread was.
    package borrowing func run<Result>(_ body: () throws(Errno) -> Result) throws(Errno) -> Result {
        let here = try NetworkNamespace.current()
        try enter()
        do throws(Errno) {
            let result = try body()
            try here.enter()
            return result
        } catch {
            try here.enter()
            throw error
        }
    }
}
