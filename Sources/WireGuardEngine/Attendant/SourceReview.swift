internal import LinuxSystem
internal import WireGuardProtocol

/// Checks, after routes have changed, whether peers can still be answered from the address that they sent to. Such an
/// address is dropped only if it is gone, or if the route to the peer now leaves by another interface than the peer's
/// packets come in by. An unrelated change keeps it: a firewall in front of the peer may block packets from another
/// address.
///
/// The first change after a quiet time is reviewed at once. A review of many peers takes 3 µs for each; between two
/// reviews it rests nine times as long as the last one took, at least one second.
struct SourceReview: ~Copyable {
    private var lookup: RouteLookup
    /// The peers left to check in the current review.
    private var waiting: ArraySlice<TunnelPeer> = []
    /// Whether routes have changed since the review began.
    private var isWanted = false
    private var restsUntil = Instant(nanoseconds: 0)
    private var spent: UInt64 = 0

    /// Peers to check between two turns of handshakes and timers.
    private static let portion = 256
    private static let shortestRest = Instant.Interval.seconds(1)

    init() throws(Errno) { lookup = try RouteLookup() }

    mutating func routesChanged() { isWanted = true }

    var isUnderWay: Bool { !waiting.isEmpty }

    /// When the next review begins; `never` if nothing has changed.
    var dueAt: Instant { isWanted ? restsUntil : .never }

    /// Checks a portion of the peers.
    mutating func run(_ shared: EngineState) {
        if waiting.isEmpty {
            guard isWanted, now() >= restsUntil else { return }
            isWanted = false
            spent = 0
            waiting = shared.tunnel.peers[...]
        }
        let start = now()
        let port = shared.socketGroup?.port ?? 0
        for peer in waiting.prefix(Self.portion) { look(at: peer, mark: shared.mark, port: port) }
        waiting = waiting.dropFirst(Self.portion)
        spent += now().since(start).nanoseconds
        if waiting.isEmpty {
            waiting = []
            restsUntil = now() + max(Self.shortestRest, Instant.Interval(nanoseconds: 9 * spent))
        }
    }

    private mutating func look(at peer: TunnelPeer, mark: UInt32, port: UInt16) {
        guard let path = peer.pathOfLearnedSource else { return }
        switch lookup.ask(path, mark: mark, port: port) {
        case .leaves(path.interfaceIndex): peer.acceptSource(of: path)
        case .leaves, .sourceIsGone: peer.refuseSource(of: path)
        case .noRoute: break
        }
    }

    private func now() -> Instant { Instant(nanoseconds: Clock.bootNanoseconds()) }
}
