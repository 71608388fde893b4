internal import CLinux
internal import Glibc

/// Descriptors that a program begins with.
package enum StandardStream {
    package static let input = STDIN_FILENO
    package static let output = STDOUT_FILENO

    /// Takes the numbers of those standard streams that the program was started without (`<&-`). Else the next file
    /// or socket gets the number, and is written to as if it were the stream. Reading and writing such a stream
    /// fails with EBADF, before and after.
    ///
    /// Call it before anything else opens a descriptor.
    package static func occupyClosed() { clinux_occupy_standard_streams() }
}
