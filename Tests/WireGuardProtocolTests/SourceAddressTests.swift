import TestSupport
import Testing
import WireGuardModel
import WireGuardProtocol

/// The local address from which a peer is answered.
@Suite("The learned source address")
struct SourceAddressTests {
    private let pair = Pair()
    private let first = IPAddress(v4: 0xc000_0201)
    private let second = IPAddress(v4: 0xc633_6401)

    init() { pair.connect() }

    @Test("is the one that the last packet came to")
    func learned() {
        arrive(at: first, interface: 2)
        #expect(path?.local == first)
        arrive(at: second, interface: 3)
        #expect(path == Path(to: pair.left.endpoint, from: second, interfaceIndex: 3))
    }

    @Test("is given up when nothing can be sent from it, unless the peer has sent to another one since")
    func forgotten() {
        arrive(at: first, interface: 2)
        let old = path!
        arrive(at: second, interface: 3)
        peer.forgetSource(of: old)
        #expect(path?.local == second)
        peer.forgetSource(of: path!)
        #expect(path == nil)
        arrive(at: second, interface: 3)
        #expect(path?.local == second)
    }

    @Test("is not learned again while the route to the peer leaves by another interface")
    func refused() {
        arrive(at: first, interface: 2)
        let refused = path!
        peer.refuseSource(of: refused)
        #expect(source == nil)
        arrive(at: first, interface: 2)
        #expect(source == nil)
        #expect(pair.right.report(on: pair.left).endpoint == pair.left.endpoint)
        // The refused path is still looked up, and restored with the route.
        #expect(path == refused)
        peer.acceptSource(of: refused)
        arrive(at: first, interface: 2)
        #expect(source == first)
    }

    @Test("is learned from a peer that comes to another address, or from another one, although one is refused")
    func refusedElsewhere() {
        arrive(at: first, interface: 2)
        peer.refuseSource(of: path!)
        arrive(at: second, interface: 2)
        #expect(source == second)
        peer.refuseSource(of: path!)
        pair.left.move(to: Endpoint(address: IPAddress(v4: 0x0808_0808), port: 9))
        arrive(at: second, interface: 2)
        #expect(source == second)
    }

    /// The kernel clears it too: the source may be the reason for the silence.
    @Test("is given up when the peer does not answer")
    func silence() {
        arrive(at: first, interface: 2)
        pair.world.weather.swallows = { _ in true }
        pair.right.send(1, to: pair.left)
        pair.world.pass(seconds: 16)
        #expect(source == nil)
    }

    // MARK: The right host's peer

    private var peer: TunnelPeer { pair.right.tunnel.peers[0] }

    private var path: Path? { peer.pathOfLearnedSource }

    /// The source of the next packet.
    private var source: IPAddress? {
        var alarm: Instant?
        guard case .send(_, _, let path) = peer.beginSending(TunnelPeer.Batch(), pair.world.now, alarm: &alarm) else {
            // The session is gone; an initiation would take this path.
            return peer.pathOfLearnedSource?.local
        }
        return path.local
    }

    /// The left host sends a packet that arrives at this address.
    private func arrive(at local: IPAddress, interface: UInt32) {
        pair.world.forgetWire()
        pair.left.send(7, to: pair.right)
        let datagram = pair.world.wire.last!
        pair.right.receive(datagram.bytes, by: Path(to: datagram.source, from: local, interfaceIndex: interface))
    }
}
