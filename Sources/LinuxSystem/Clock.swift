internal import Glibc

package enum Clock {
    /// Seconds since 1970 on the wall clock, the one that handshake times are told in.
    package static func wallSeconds() -> Int64 { Int64(time(nil)) }

    package static func sleep(microseconds: UInt32) { usleep(microseconds) }
}
