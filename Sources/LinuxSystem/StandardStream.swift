internal import CLinux
internal import Glibc

/// Descriptors that a program begins with.
package enum StandardStream {
    package static let input = STDIN_FILENO
    package static let output = STDOUT_FILENO

    /// Occupies the numbers of standard streams that were closed at the start (`<&-`). Otherwise the next file or
    /// socket would get the number, and be written to as if it were the stream. Reading and writing such a stream fails
    /// with EBADF, before and after.
    ///
    /// Call it before anything else opens a descriptor.
    package static func occupyClosed() { clinux_occupy_standard_streams() }
}
