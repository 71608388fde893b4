package import WireGuardModel

/// Which peer an inner address belongs to, as it was at one moment. Workers keep one and ask for a newer one
/// when the tunnel's generation has moved on.
package final class RoutingTable: Sendable {
    private let allowedIPs: AllowedIPsIndex<Route>
    private let peers: [TunnelPeer?]

    init(allowedIPs: AllowedIPs<Route>, peers: [TunnelPeer?]) {
        (self.allowedIPs, self.peers) = (AllowedIPsIndex(allowedIPs), peers)
    }

    /// The number of the peer with the longest matching prefix.
    @inline(__always)
    package func slot(for address: IPAddress) -> UInt32? { allowedIPs.lookup(address)?.slot }

    package func peer(at slot: UInt32) -> TunnelPeer? { peers[Int(slot)] }

    /// Whether a packet from this inner address may come from the peer: by the same look-up, so that a longer
    /// prefix of another peer keeps its addresses.
    @inline(__always)
    package func allows(_ source: IPAddress, from peer: TunnelPeer) -> Bool { slot(for: source) == peer.slot }
}

/// Who owns a prefix, and since which change.
struct Route: Equatable, BitwiseCopyable, Sendable {
    let slot: UInt32
    let order: UInt32
}
