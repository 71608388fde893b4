package import ByteText
internal import Glibc

/// Buffered output to a descriptor that somebody else owns, written in large blocks.
///
/// Writers append to `buffer` and call `flushIfLarge()` now and then. A failed write is remembered, and
/// what follows is dropped; `finish()` reports it.
package struct OutputStream: ~Copyable {
    package var buffer = ByteBuffer(capacity: 4096)
    private let descriptor: CInt
    private let isSocket: Bool
    private var failure: Errno?

    /// A daemon is woken for every block; a file or pipe does not mind smaller ones.
    private var block: Int { isSocket ? 1 << 17 : 1 << 15 }

    package init(descriptor: CInt, isSocket: Bool = false) {
        (self.descriptor, self.isSocket) = (descriptor, isSocket)
    }

    package mutating func flushIfLarge() {
        if buffer.count >= block { flush() }
    }

    package mutating func flush() {
        if failure == nil {
            do throws(Errno) { try writeAll() } catch { failure = error }
        }
        buffer.removeAll()
    }

    /// Writes what is left and tells the first failure of the whole stream.
    package mutating func finish() -> Errno? {
        flush()
        return failure
    }

    private func writeAll() throws(Errno) {
        var written = 0
        while written < buffer.count {
            let rest = buffer.span.extracting(written...)
            written += try rest.withUnsafeBufferPointer { (bytes) throws(Errno) in
                // A daemon that hangs up is an error to tell; a closed pipe on standard output ends us by SIGPIPE.
                try syscall {
                    isSocket
                        ? send(descriptor, bytes.baseAddress!, bytes.count, CInt(MSG_NOSIGNAL))
                        : write(descriptor, bytes.baseAddress!, bytes.count)
                }
            }
        }
    }
}
