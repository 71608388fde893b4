internal import CLinux
internal import Glibc

/// Becomes readable at a moment of `Clock.bootNanoseconds()`, also when the machine slept past it.
package struct TimerFD: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    package init() throws(Errno) {
        descriptor = FileDescriptor(owning: try syscall { clinux_timerfd() })
    }

    /// Readable from the moment on, until it is drained or set again.
    package var raw: CInt { descriptor.raw }

    /// Waits for a moment, in the place of any earlier one. A moment gone by is reached at once;
    /// `UInt64.max` is never.
    package borrowing func set(atNanoseconds moment: UInt64) {
        guard moment != .max else { return disarm() }
        // Zero would disarm.
        let moment = max(moment, 1)
        clinux_timerfd_set(descriptor.raw, Int64(moment / 1_000_000_000), Int64(moment % 1_000_000_000))
    }

    package borrowing func disarm() { clinux_timerfd_set(descriptor.raw, 0, 0) }

    /// True where the moment has been reached since it was set.
    @discardableResult
    package borrowing func drain() -> Bool {
        var count: UInt64 = 0
        return withUnsafeMutableBytes(of: &count) { read(descriptor.raw, $0.baseAddress!, $0.count) } == 8
    }
}
