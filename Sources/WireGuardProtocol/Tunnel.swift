internal import Synchronization
internal import WireGuardKeys
internal import WireGuardModel

/// The whole of a WireGuard interface but for its devices: it knows no clock, descriptor or thread.
///
/// Workers, the one who serves peers and handshakes, and configuration may call at the same time.
package final class Tunnel: Sendable {
    let entropy: Entropy
    let surroundings: PeerSurroundings
    let identity = Mutex<LocalIdentity?>(nil)
    let defence = Mutex(HandshakeDefence())
    let configuration = Mutex(TunnelConfiguration())
    /// The greatest one that an initiation of ours carried, so that none goes back when the wall clock does.
    let latestTimestamp = Mutex<TAI64N?>(nil)
    private let published: Mutex<RoutingTable>
    private let generations = Atomic<UInt64>(0)

    /// `trace` is called with events as they happen, on any thread and perhaps under a lock of the tunnel: it must not
    /// call the tunnel.
    package init(entropy: Entropy = .system, trace: (@Sendable (TunnelEvent) -> Void)? = nil) {
        self.entropy = entropy
        surroundings = PeerSurroundings(events: EventSink(take: trace))
        published = Mutex(RoutingTable(allowedIPs: AllowedIPs<Route>(), peers: []))
    }

    var indices: IndexTable { surroundings.indices }
    var events: EventSink { surroundings.events }

    /// Bytes used by the staged packets of all peers.
    package var stagedBytes: Int { surroundings.stagingRoom.bytes }

    /// Reports an event of the data path.
    package func note(_ event: @autoclosure () -> TunnelEvent) { events(event()) }

    // MARK: The data path

    /// Grows with each new routing table.
    package var generation: UInt64 { generations.load(ordering: .acquiring) }

    /// The newest one; it is at least as new as the generation that was read before.
    package var routingTable: RoutingTable { published.withLock { $0 } }

    func publish(_ table: RoutingTable) {
        published.withLock { $0 = table }
        generations.wrappingAdd(1, ordering: .releasing)
    }

    /// The session that a receiver index belongs to.
    package func session(at index: UInt32) -> (peer: TunnelPeer, keypair: Keypair)? {
        guard let entry = indices.find(index), let keypair = entry.keypair else { return nil }
        return (entry.peer, keypair)
    }

    /// Sessions whose keys are in memory.
    package var sessionCount: Int { indices.sessionCount }

    /// Receiver indices in use: those of sessions, and of initiations without a response so far.
    package var indexCount: Int { indices.count }

    /// Whether a session or a handshake of ours has this index.
    package func knows(index: UInt32) -> Bool { indices.find(index) != nil }

    package var peers: [TunnelPeer] { configuration.withLock { $0.allPeers } }

    // MARK: The interface

    /// The interface is up: peers that are to be kept alive are due. Returns their alarms.
    package func start(_ now: Instant) -> [PeerAlarm] {
        configuration.withLock { configuration in
            configuration.isUp = true
            return configuration.allPeers.compactMap { $0.open(now) }
        }
    }

    /// The interface is down: sessions end, and nothing is sent.
    package func stop() {
        configuration.withLock { configuration in
            configuration.isUp = false
            for peer in configuration.allPeers { peer.close() }
        }
    }
}

extension TunnelPeer {
    /// The interface is up.
    func open(_ now: Instant) -> PeerAlarm? {
        traffic.withLock { traffic in
            traffic.isClosed = false
            traffic.initiateForStaged(now)
            traffic.timers.persistentKeepaliveChanged(now, seconds: traffic.persistentKeepalive)
            return traffic.takeAlarm(now).map { PeerAlarm($0, for: self) }
        }
    }

    /// Removes the peer. Erases its secrets here, since other threads may still hold a reference to it.
    func erase() {
        traffic.withLock { $0.isRemoved = true }
        close()
        // The peer is closed already: no handshake stores anything here after this.
        handshake.withLock { $0 = PeerHandshake() }
    }

    func forgetPending() {
        if let index = handshake.withLock({ $0.forgetPending() }) { indices.remove(index) }
    }

    /// Ends sessions, handshakes, timers and staged packets when the interface goes down or the peer is removed. Keeps
    /// its configuration and counters.
    func close() {
        // Closes the traffic first. A concurrent handshake then either finds the peer closed, or has stored its
        // initiation by the time that its lock is free.
        indices.remove(traffic.withLock { $0.close() })
        if let index = handshake.withLock({ $0.close() }) { indices.remove(index) }
    }
}
