internal import LinuxSystem
internal import WireGuardModel

/// Where segments of some size were refused: the route to there has a smaller MTU. A few places are remembered,
/// for a while.
struct SegmentationLimits {
    private struct Limit {
        let address: IPAddress
        /// Segments of so many bytes and more are refused.
        let size: Int
        /// Nanoseconds of `Clock.bootNanoseconds()`.
        let end: UInt64
    }

    private var limits: [Limit] = []

    private static let most = 16
    /// Routes and their MTUs change now and then.
    private static let lifetime: UInt64 = 60_000_000_000

    @inline(__always)
    func allow(_ size: Int, to address: IPAddress) -> Bool { limits.isEmpty || isBelowLimit(size, address) }

    private func isBelowLimit(_ size: Int, _ address: IPAddress) -> Bool {
        guard let limit = limits.first(where: { $0.address == address }), size >= limit.size else { return true }
        return limit.end < Clock.bootNanoseconds()
    }

    mutating func add(_ size: Int, to address: IPAddress) {
        let now = Clock.bootNanoseconds()
        limits.removeAll { $0.address == address || $0.end < now }
        if limits.count == Self.most { limits.removeFirst() }
        limits.append(Limit(address: address, size: size, end: now + Self.lifetime))
    }
}
