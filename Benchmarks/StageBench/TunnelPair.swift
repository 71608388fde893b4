import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

/// Two tunnels in memory with a session that the left one began. Packets of `Packets.flow` go from left to right.
struct TunnelPair {
    let left = Tunnel()
    let right = Tunnel()
    let leftAddress = IPAddress(v4: 0x0a00_0001)
    private let rightAddress = IPAddress(v4: 0x0a00_0002)
    let path = Path(to: Endpoint(address: IPAddress(v4: 0xc000_0201), port: 51820))
    /// By which packets to the right one name the session.
    private(set) var receiverIndex: UInt32 = 0

    init(at now: Instant) {
        let keys = [PrivateKey.generate(), PrivateKey.generate()]
        configure(left, keys[0], with: keys[1], at: rightAddress, now)
        configure(right, keys[1], with: keys[0], at: leftAddress, now)
        shakeHands(Moment(now, wall: HandshakeTime(seconds: 1_700_000_000, nanoseconds: 0)))
    }

    private func configure(
        _ tunnel: Tunnel, _ own: PrivateKey, with other: PrivateKey, at address: IPAddress, _ now: Instant
    ) {
        var peer = PeerUpdate(publicKey: other.publicKey)
        peer.endpoint = path.remote
        peer.allowedIPs = [AllowedIPChange(AllowedIP(address, prefixLength: 32)!)]
        var update = DeviceUpdate(name: InterfaceName("wg"))
        update.privateKey = .set(own)
        update.peers = [peer]
        _ = tunnel.apply(update, now)
        _ = tunnel.start(now)
    }

    private mutating func shakeHands(_ now: Moment) {
        let peer = left.routingTable.peer(at: left.routingTable.slot(for: rightAddress)!)!
        var alarm: Instant?
        [UInt8](repeating: 0, count: 64).withUnsafeBytes { peer.stage($0, now.instant, alarm: &alarm) }
        let initiation = left.serve(peer, alarm: nil, at: now).initiation!
        let response = right.receive(initiation.span, by: path, isUnderLoad: false, at: now).reply!
        _ = left.receive(response.span, by: path, isUnderLoad: false, at: now)
        guard case .send(let keypair, _, _) = peer.beginSending(TunnelPeer.Batch(), now.instant, alarm: &alarm) else {
            fatalError("no session")
        }
        receiverIndex = keypair.remoteIndex
    }
}
