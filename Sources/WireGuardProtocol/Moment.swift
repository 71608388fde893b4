package import WireGuardModel

/// Now, on both clocks: the one that intervals are measured on, and the one on the wall, which handshakes carry
/// and `wg show` tells.
package struct Moment: Sendable {
    package var instant: Instant
    package var wall: HandshakeTime

    package init(_ instant: Instant, wall: HandshakeTime) { (self.instant, self.wall) = (instant, wall) }
}
