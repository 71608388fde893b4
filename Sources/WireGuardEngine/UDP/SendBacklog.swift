internal import WireGuardModel

/// The bytes that a socket has sent and devices have not, and the slow paths while they are many.
///
/// Device queues are usually limited in packets, often to 1,000. With 64 KiB each these take a link of 10 Mb/s 50 s:
/// no handshake gets through in time. While the backlog is large, datagrams go one by one, as the kernel's do, on the
/// paths that add to it, so that their queues hold about as much; on other paths they still go together.
struct SendBacklog {
    /// Whether more than `most` bytes waited at the last check.
    private(set) var isLarge = false
    /// Remote addresses whose datagrams stay in a queue. Cleared when the backlog is gone.
    private var slow: [IPAddress] = []

    /// Bytes as the kernel counts them, with its overhead for each packet.
    private static let most = 2 << 20
    /// From this many slow addresses on all count as slow: they usually share a link.
    private static let mostSlow = 16

    init() { slow.reserveCapacity(Self.mostSlow) }

    @inline(__always)
    func allowsSegments(to address: IPAddress) -> Bool { !isLarge || !isSlow(address) }

    private func isSlow(_ address: IPAddress) -> Bool { slow.count == Self.mostSlow || slow.contains(address) }

    /// Updates the state with the bytes that wait after a flush.
    mutating func update(waiting: Int) {
        isLarge = waiting > Self.most
        if !isLarge { slow.removeAll(keepingCapacity: true) }
    }

    /// Records datagrams that went together while the backlog was large. The path is slow if less than half of their
    /// bytes had left when the kernel returned.
    mutating func sent(_ bytes: Int, to address: IPAddress, waitingBefore: Int, after: Int) {
        if after - waitingBefore > bytes / 2, !isSlow(address) { slow.append(address) }
    }
}
