package import WireGuardModel

/// How many handshake messages each source may have us compute: 20 a second, 5 at once. A source is an IPv4
/// address, or the upper half of an IPv6 address, for who has one of these has them all.
///
/// A table of fixed size, each source in one of eight places. Who has not been heard for a quarter of a second
/// makes room; where nobody does, who comes next to that.
package struct RateLimiter: Sendable {
    /// A source, and when it will have paid for all that it was allowed: each message costs 50 ms, and nobody
    /// may owe for more than the burst.
    private struct Entry: BitwiseCopyable {
        var source: UInt64 = 0
        var paidAt = Instant(nanoseconds: 0)
    }

    private static let placesPerSource = 8
    static let capacity = 1 << 13

    /// Empty until the first message.
    private var entries: [Entry] = []

    package init() {}

    package mutating func allows(_ address: IPAddress, _ now: Instant) -> Bool {
        if entries.isEmpty { entries = Array(repeating: Entry(), count: Self.capacity) }
        let source = Self.source(address)
        let place = place(of: source)
        let paidAt = entries[place].source == source ? max(entries[place].paidAt, now) : now
        guard paidAt.since(now) <= Self.credit else { return false }
        entries[place] = Entry(source: source, paidAt: paidAt + Limits.handshakeInterval)
        return true
    }

    /// What may be owed before the last message of a burst.
    private static var credit: Instant.Interval {
        Instant.Interval(nanoseconds: Limits.handshakeInterval.nanoseconds * (Limits.handshakeBurst - 1))
    }

    /// No IPv6 address that can send begins with 32 ones.
    private static func source(_ address: IPAddress) -> UInt64 {
        address.family == .v4 ? 0xffff_ffff << 32 | address.low : address.high
    }

    /// Where the source is, or else whose place it gets.
    private func place(of source: UInt64) -> Int {
        var hasher = Hasher()
        hasher.combine(source)
        let sets = Self.capacity / Self.placesPerSource
        let first = Int(UInt(bitPattern: hasher.finalize()) % UInt(sets)) * Self.placesPerSource
        var oldest = first
        for place in first..<(first + Self.placesPerSource) {
            if entries[place].source == source { return place }
            if entries[place].paidAt < entries[oldest].paidAt { oldest = place }
        }
        return oldest
    }
}
