package import WireGuardModel

/// A label of a moment on the wall clock, by which initiations are told from replays (the paper's section 5.1).
///
/// Ordered as its twelve bytes are.
package struct TAI64N: Comparable, Hashable, Sendable, BitwiseCopyable {
    package static let size = 12

    /// Counted from 2^62 at the start of 1970, and ten more: what TAI was ahead of UTC then.
    private let seconds: UInt64
    private let nanoseconds: UInt32

    private static let epoch: UInt64 = (1 << 62) + 10
    private static let nanosecondsPerSecond: UInt32 = 1_000_000_000
    /// About 17 ms: coarse enough to tell nobody how fast we compute.
    private static let coarseness: UInt32 = 1 << 24

    /// Rounded down, so that initiations tell no precise time.
    package init(_ wall: HandshakeTime) {
        seconds = Self.epoch &+ UInt64(bitPattern: wall.seconds)
        let nanoseconds = UInt32(clamping: wall.nanoseconds)
        self.nanoseconds = min(nanoseconds, Self.nanosecondsPerSecond - 1) & ~(Self.coarseness - 1)
    }

    private init(seconds: UInt64, nanoseconds: UInt32) {
        (self.seconds, self.nanoseconds) = (seconds, nanoseconds)
    }

    package init(bytes: InlineArray<12, UInt8>) {
        let raw = bytes.span.bytes
        seconds = UInt64(bigEndian: raw.unsafeLoadUnaligned(as: UInt64.self))
        nanoseconds = UInt32(bigEndian: raw.unsafeLoadUnaligned(fromByteOffset: 8, as: UInt32.self))
    }

    /// In network order, as it is sent.
    package var bytes: InlineArray<12, UInt8> {
        InlineArray { index in
            UInt8(
                truncatingIfNeeded: index < 8
                    ? seconds >> UInt64(56 - index * 8) : UInt64(nanoseconds >> UInt32(88 - index * 8)))
        }
    }

    /// The next one. Where many initiations fall into one coarse moment, or the clock went back, each still
    /// gets one that is later than all before, without running far ahead of the clock.
    package var successor: TAI64N {
        nanoseconds < Self.nanosecondsPerSecond - 1
            ? TAI64N(seconds: seconds, nanoseconds: nanoseconds + 1) : TAI64N(seconds: seconds &+ 1, nanoseconds: 0)
    }

    package static func < (left: TAI64N, right: TAI64N) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}
