package import ByteText
internal import Glibc

/// An open descriptor with one owner; it is closed when its owner lets go.
package struct FileDescriptor: ~Copyable, Sendable {
    package let raw: CInt

    package init(owning raw: CInt) { self.raw = raw }

    deinit { close(raw) }

    package static func open(_ path: ByteString, flags: CInt = O_RDONLY) throws(Errno) -> FileDescriptor {
        let raw = try path.withCString { (path) throws(Errno) in
            try syscall { Glibc.open(path, flags | O_CLOEXEC) }
        }
        return FileDescriptor(owning: raw)
    }

    /// Appends what one read brings, at most `room` bytes; nothing at the end.
    package borrowing func read(into buffer: inout ByteBuffer, room: Int = 1 << 16) throws(Errno) {
        try FileDescriptor.read(raw, into: &buffer, room: room)
    }

    /// The same for a descriptor that somebody else owns, such as standard input.
    package static func read(_ raw: CInt, into buffer: inout ByteBuffer, room: Int = 1 << 16) throws(Errno) {
        try buffer.append(room: room) { (free) throws(Errno) in
            try syscall { Glibc.read(raw, free.baseAddress!, room) }
        }
    }
}
