internal import WireGuardModel

/// What a socket has sent and devices have not, and which ways are slow while that is much.
///
/// Queues of devices are limited in packets as a rule, to 1,000 often. Of 64 KiB each these are 50 s of a link of 10
/// Mb/s: no handshake gets through in time. The kernel's WireGuard sends packets one by one. While much waits, so do we
/// by the ways that add to it, so that their queues hold about as much; by others datagrams still go together.
struct SendBacklog {
    /// Whether more than `most` bytes waited when last asked.
    private(set) var isLarge = false
    /// Remote addresses by whose way datagrams stay in a queue. Forgotten when the backlog is gone.
    private var slow: [IPAddress] = []

    /// Bytes, as the kernel counts them: with what it needs for each packet besides.
    private static let most = 2 << 20
    /// With so many slow addresses every one counts as slow: as a rule they share a link.
    private static let mostSlow = 16

    init() { slow.reserveCapacity(Self.mostSlow) }

    @inline(__always)
    func allowsSegments(to address: IPAddress) -> Bool { !isLarge || !isSlow(address) }

    private func isSlow(_ address: IPAddress) -> Bool { slow.count == Self.mostSlow || slow.contains(address) }

    /// Takes note of how much waits after a flush.
    mutating func update(waiting: Int) {
        isLarge = waiting > Self.most
        if !isLarge { slow.removeAll(keepingCapacity: true) }
    }

    /// Takes note of datagrams that went together while the backlog was large. A way by which the smaller part of them
    /// has left when the kernel returns is slow.
    mutating func sent(_ bytes: Int, to address: IPAddress, waitingBefore: Int, after: Int) {
        if after - waitingBefore > bytes / 2, !isSlow(address) { slow.append(address) }
    }
}
