package import Glibc
package import LinuxSystem

/// What takes frames: a TUN queue, or a test in its place.
package protocol TunWriter: ~Copyable {
    /// One frame in one piece.
    func write(_ frame: UnsafeRawBufferPointer) throws(Errno)

    /// One frame in several pieces.
    func write(_ pieces: UnsafeBufferPointer<iovec>) throws(Errno)
}

extension TunQueue: TunWriter {}
