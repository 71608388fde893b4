internal import Glibc

package enum Clock {
    /// Seconds since 1970 on the wall clock, the one that handshake times are told in.
    package static func wallSeconds() -> Int64 { Int64(time(nil)) }

    /// Time since 1970 on the wall clock; it may jump.
    package static func wall() -> (seconds: Int64, nanoseconds: UInt32) {
        let now = read(CLOCK_REALTIME)
        return (Int64(now.tv_sec), UInt32(now.tv_nsec))
    }

    /// Time since the machine started, its sleep included: never goes back.
    package static func bootNanoseconds() -> UInt64 {
        let now = read(CLOCK_BOOTTIME)
        return UInt64(now.tv_sec) &* 1_000_000_000 &+ UInt64(now.tv_nsec)
    }

    package static func sleep(microseconds: UInt32) { usleep(microseconds) }

    private static func read(_ clock: clockid_t) -> timespec {
        var now = timespec()
        clock_gettime(clock, &now)
        return now
    }
}
