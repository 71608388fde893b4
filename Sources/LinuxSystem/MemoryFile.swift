internal import ByteText
internal import CLinux
internal import Glibc

/// A file without a name. Unlike a pipe it takes all there is while nobody reads, and never ends its writer.
struct MemoryFile: ~Copyable {
    private let descriptor: FileDescriptor

    var raw: CInt { descriptor.raw }

    init() throws(Errno) { descriptor = FileDescriptor(owning: try syscall { clinux_memory_file() }) }

    /// Ready to be read from its beginning.
    init(holding bytes: ByteString) throws(Errno) {
        let descriptor = FileDescriptor(owning: try syscall { clinux_memory_file() })
        var output = OutputStream(descriptor: descriptor.raw)
        output.buffer.append(bytes.span)
        if let failure = output.finish() { throw failure }
        let raw = descriptor.raw
        try syscall { lseek(raw, 0, SEEK_SET) }
        self.descriptor = descriptor
    }

    /// From the beginning, whoever has read or written how far.
    borrowing func contents() throws(Errno) -> ByteString {
        let raw = raw
        var buffer = ByteBuffer()
        let room = 1 << 14
        var before = -1
        while buffer.count > before {
            before = buffer.count
            try buffer.append(room: room) { (free) throws(Errno) in
                try syscall { pread(raw, free.baseAddress!, room, before) }
            }
        }
        return ByteString(copying: buffer.span)
    }
}
