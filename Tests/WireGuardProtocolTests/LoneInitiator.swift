import TestSupport
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

/// A sender that knows a tunnel's public key and makes single initiations for it, at any rate a test needs.
struct LoneInitiator: Sendable {
    private let local: LocalIdentity
    private let remote: RemoteIdentity
    private var cookies: CookieKeeper

    /// `target` is the tunnel's public key.
    init(to target: PublicKey) { self.init(LocalIdentity(.generate()), to: target) }

    private init(_ local: LocalIdentity, to target: PublicKey) {
        self.local = local
        remote = RemoteIdentity(target, local: local)
        cookies = CookieKeeper(target)
    }

    var publicKey: PublicKey { local.publicKey }

    /// 198.51.100.7:1000.
    static let endpoint = Endpoint(address: IPAddress(v4: 0xc633_6407), port: 1000)

    static let path = Path(to: endpoint)

    /// An initiation whose timestamp is this many seconds after the start of 1970.
    mutating func initiation(timestamp seconds: Int64, at now: Instant = Instant(nanoseconds: 0)) -> [UInt8] {
        let timestamp = TAI64N(HandshakeTime(seconds: seconds, nanoseconds: 0))
        var (message, _) = PendingInitiation.create(
            local: local, remote: remote, senderIndex: 1, timestamp: timestamp, ephemeral: .generate())!
        cookies.stamp(&message, now)
        return message.bytes
    }

    /// The same sender, with another public key of the tunnel.
    func turned(to target: PublicKey) -> LoneInitiator { LoneInitiator(local, to: target) }

    /// Takes the cookie in the reply to the last initiation.
    mutating func take(_ cookieReply: HandshakeDatagram, at now: Instant) -> Bool {
        cookies.consume([UInt8](copying: cookieReply.span), now)
    }
}

extension Tunnel {
    /// Sets a private key and makes these public keys peers, which own 10.0.0.1, 10.0.0.2 and so on.
    @discardableResult
    func set(_ privateKey: PrivateKey?, peers: [PublicKey] = [], _ now: Instant) -> [PeerAlarm] {
        var update = DeviceUpdate(name: InterfaceName("wg"))
        update.privateKey = privateKey.map { .set($0) }
        for (index, key) in peers.enumerated() {
            var peer = PeerUpdate(publicKey: key)
            peer.endpoint = LoneInitiator.endpoint
            peer.allowedIPs = [
                AllowedIPChange(AllowedIP(IPAddress(v4: 0x0a00_0001 + UInt32(index)), prefixLength: 32)!)
            ]
            update.peers.append(peer)
        }
        return apply(update, now)
    }

    func removePeer(_ key: PublicKey, _ now: Instant) {
        var peer = PeerUpdate(publicKey: key)
        peer.remove = true
        var update = DeviceUpdate(name: InterfaceName("wg"))
        update.peers = [peer]
        _ = apply(update, now)
    }

    func peer(owning address: IPAddress) -> TunnelPeer? {
        let routes = routingTable
        return routes.slot(for: address).flatMap { routes.peer(at: $0) }
    }
}
