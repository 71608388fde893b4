/// When a peer has to be served at the latest. A peer has one alarm that counts, the last one given out for it.
package struct PeerAlarm: Sendable {
    package let moment: Instant
    package let peer: TunnelPeer

    package init(_ moment: Instant, for peer: TunnelPeer) { (self.moment, self.peer) = (moment, peer) }
}
