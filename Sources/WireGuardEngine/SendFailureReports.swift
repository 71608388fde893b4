package import LinuxSystem
internal import Synchronization
package import WireGuardKeys
package import WireGuardModel
internal import WireGuardProtocol

/// Datagrams to a peer that the kernel did not accept.
package struct SendFailure: Equatable, Sendable {
    package let peer: PublicKey
    package let endpoint: Endpoint
    /// The number since the last report on this peer.
    package let datagrams: Int
    /// The error of the last one.
    package let error: Errno
}

/// Reports datagrams that the kernel did not accept, so that a dead route at full speed costs no line a packet: the
/// first failure of a peer at once, further ones together, once in 10 s.
final class SendFailureReports: Sendable {
    private struct Entry {
        let toldAt: Instant
        var untold = 0
    }

    private static let interval = Instant.Interval.seconds(10)
    /// Peers whose failures are counted at one time. Failures of further peers are not reported.
    private static let capacity = 1024

    /// A loop is reported once in this time.
    private static let loopInterval = Instant.Interval.seconds(60)

    private let entries = Mutex<[PublicKey: Entry]>([:])
    private let loopToldAt = Mutex<Instant?>(nil)
    private let tell: @Sendable (SendFailure) -> Void
    private let tellLoop: @Sendable (IPAddress) -> Void

    init(tell: @escaping @Sendable (SendFailure) -> Void, tellLoop: @escaping @Sendable (IPAddress) -> Void) {
        self.tell = tell
        self.tellLoop = tellLoop
    }

    /// Reports that an outer datagram to `address` has come back out of the tunnel's own interface.
    func addLoop(to address: IPAddress, _ now: Instant) {
        let isEarly = loopToldAt.withLock { toldAt in
            if let told = toldAt, now.since(told) < Self.loopInterval { return true }
            toldAt = now
            return false
        }
        if !isEarly { tellLoop(address) }
    }

    func add(_ datagrams: Int, to peer: PublicKey, _ endpoint: Endpoint, _ error: Errno, _ now: Instant) {
        guard let count = entries.withLock({ Self.take(datagrams, peer, &$0, now) }) else { return }
        tell(SendFailure(peer: peer, endpoint: endpoint, datagrams: count, error: error))
    }

    /// The number to report now; nil while it is too early, or if there is no room.
    private static func take(
        _ datagrams: Int, _ peer: PublicKey, _ entries: inout [PublicKey: Entry], _ now: Instant
    ) -> Int? {
        if let entry = entries[peer], now.since(entry.toldAt) < interval {
            entries[peer]?.untold += datagrams
            return nil
        }
        if entries.count >= capacity, entries[peer] == nil {
            entries = entries.filter { now.since($0.value.toldAt) < interval }
            if entries.count >= capacity { return nil }
        }
        let untold = entries[peer]?.untold ?? 0
        entries[peer] = Entry(toldAt: now)
        return untold + datagrams
    }
}
