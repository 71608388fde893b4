internal import CLinux
internal import Glibc

/// Wakes another thread out of its `Epoll`. Any thread may signal; signals that nobody drained yet become one.
package struct EventFD: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    package init() throws(Errno) {
        descriptor = FileDescriptor(owning: try syscall { clinux_eventfd() })
    }

    /// Readable from the first signal until it is drained.
    package var raw: CInt { descriptor.raw }

    package borrowing func signal() {
        // The only failure is a counter that is full, which wakes as well.
        withUnsafeBytes(of: UInt64(1)) { _ = write(descriptor.raw, $0.baseAddress!, $0.count) }
    }

    /// Takes the signals back; true where there were any.
    @discardableResult
    package borrowing func drain() -> Bool {
        var count: UInt64 = 0
        return withUnsafeMutableBytes(of: &count) { read(descriptor.raw, $0.baseAddress!, $0.count) } == 8
    }
}
