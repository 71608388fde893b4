import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

@Suite("Packets that wait for a session")
struct StagingTests {
    /// The kernel's MAX_STAGED_PACKETS.
    @Test("of one peer are the newest 128")
    func onePeer() {
        let pair = Pair()
        pair.world.weather.swallows = { _ in true }
        for number in 0..<500 { pair.left.send(UInt32(number), to: pair.right) }
        pair.world.weather.swallows = { _ in false }
        pair.world.pass(seconds: 10)
        #expect(pair.right.contents == Array(372..<500))
        #expect(pair.left.tunnel.stagedBytes == 0)
    }

    /// Without a bound for all, 1,000 peers with 128 packets of 1,420 bytes took 190 MB.
    @Test("of 1,000 silent peers stay below 16 MiB together, each with its share")
    func silentPeers() {
        let tunnel = Tunnel()
        let peers = add(1000, to: tunnel)
        for _ in 0..<128 { for peer in peers { stage(1420, for: peer) } }
        #expect(tunnel.stagedBytes <= 16 << 20)
        #expect(tunnel.stagedBytes > 10 << 20)
        let shares = peers.map { $0.takeStaged().count }
        #expect(shares.min()! >= 8, "\(shares.min()!)")
        #expect(tunnel.stagedBytes == 0)
    }

    @Test("of a few greedy peers leave room for the first packet of each other one")
    func greedyPeers() {
        let tunnel = Tunnel()
        let peers = add(300, to: tunnel)
        // Packets of an interface with the largest MTU.
        for peer in peers[..<20] { for _ in 0..<200 { stage(65_000, for: peer) } }
        for peer in peers[20...] { stage(1420, for: peer) }
        #expect(tunnel.stagedBytes <= 16 << 20)
        for peer in peers[20...] { #expect(peer.takeStaged().count == 1) }
    }

    @Test("leave their room when the peer is removed, or the interface goes down")
    func endOfPeers() {
        let tunnel = Tunnel()
        for peer in add(10, to: tunnel) { stage(1000, for: peer) }
        #expect(tunnel.stagedBytes > 10_000)
        tunnel.stop()
        #expect(tunnel.stagedBytes == 0)
        _ = tunnel.start(Instant(nanoseconds: 1))
        for peer in add(10, to: tunnel) { stage(1000, for: peer) }
        var update = DeviceUpdate(name: InterfaceName("wg"))
        update.replacePeers = true
        _ = tunnel.apply(update, Instant(nanoseconds: 2))
        #expect(tunnel.stagedBytes == 0)
    }

    /// Each owns one address in 10.0.0.0/16. None has an endpoint, so that all packets are staged.
    private func add(_ count: Int, to tunnel: Tunnel) -> [TunnelPeer] {
        var update = DeviceUpdate(name: InterfaceName("wg"))
        for number in 0..<count {
            let key = KeyBytes { UInt8(truncatingIfNeeded: $0 == 0 ? number : $0 == 1 ? number >> 8 : 7) }
            var peer = PeerUpdate(publicKey: PublicKey(bytes: key))
            peer.allowedIPs = [AllowedIPChange(AllowedIP(address(number), prefixLength: 32)!)]
            update.peers.append(peer)
        }
        _ = tunnel.apply(update, Instant(nanoseconds: 0))
        let table = tunnel.routingTable
        return (0..<count).map { table.peer(at: table.slot(for: address($0))!)! }
    }

    private func address(_ number: Int) -> IPAddress { IPAddress(v4: 0x0a00_0000 + UInt32(number)) }

    private func stage(_ count: Int, for peer: TunnelPeer) {
        var alarm: Instant?
        [UInt8](repeating: 1, count: count).withUnsafeBytes { peer.stage($0, Instant(nanoseconds: 1), alarm: &alarm) }
    }
}
