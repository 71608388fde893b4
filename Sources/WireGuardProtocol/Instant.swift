/// A moment on a clock that never goes back and counts while the machine sleeps: CLOCK_BOOTTIME in the
/// daemon, anything in tests. The core never reads a clock, it is handed moments.
package struct Instant: Hashable, Comparable, Sendable, BitwiseCopyable {
    package var nanoseconds: UInt64

    @inlinable
    package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// Later than every other.
    @inlinable
    package static var never: Instant { Instant(nanoseconds: .max) }

    @inlinable
    package static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Stays at `never` instead of passing it.
    @inlinable
    package static func + (moment: Instant, interval: Interval) -> Instant {
        let (sum, overflow) = moment.nanoseconds.addingReportingOverflow(interval.nanoseconds)
        return Instant(nanoseconds: overflow ? .max : sum)
    }

    /// The time from `earlier` to here; none where that is not earlier.
    @inlinable
    package func since(_ earlier: Instant) -> Interval {
        Interval(nanoseconds: nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0)
    }

    /// A length of time.
    package struct Interval: Hashable, Comparable, Sendable, BitwiseCopyable {
        package var nanoseconds: UInt64

        @inlinable
        package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

        @inlinable
        package static func seconds(_ count: UInt64) -> Interval { Interval(nanoseconds: count * 1_000_000_000) }

        @inlinable
        package static func milliseconds(_ count: UInt64) -> Interval { Interval(nanoseconds: count * 1_000_000) }

        @inlinable
        package static func < (left: Interval, right: Interval) -> Bool { left.nanoseconds < right.nanoseconds }
    }
}
