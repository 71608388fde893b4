import WireGuardKeys
import WireGuardModel

/// What a new interface becomes by an update, said in the plainest way.
struct NaiveDevice: Equatable {
    var privateKey: PrivateKey?
    var listenPort: UInt16 = 0
    var fwmark: UInt32 = 0
    var peers: [NaivePeer] = []

    init(after update: DeviceUpdate) {
        if case .set(let key) = update.privateKey { privateKey = key.clamped }
        listenPort = update.listenPort ?? 0
        fwmark = update.fwmark ?? 0
        for peer in update.peers where peer.publicKey != privateKey?.publicKey { take(peer) }
    }

    init(_ device: Device) {
        privateKey = device.privateKey
        (listenPort, fwmark) = (device.listenPort, device.fwmark)
        peers = device.peers.map(NaivePeer.init)
    }

    /// The device after a further update.
    func after(_ update: DeviceUpdate) -> NaiveDevice {
        var device = self
        if case .set(let key) = update.privateKey { device.privateKey = key.clamped }
        device.listenPort = update.listenPort ?? listenPort
        device.fwmark = update.fwmark ?? fwmark
        device.peers.removeAll { $0.publicKey == device.privateKey?.publicKey }
        for peer in update.peers { device.take(peer) }
        return device
    }

    private mutating func take(_ update: PeerUpdate) {
        if update.remove { return peers.removeAll { $0.publicKey == update.publicKey } }
        if !peers.contains(where: { $0.publicKey == update.publicKey }) {
            peers.append(NaivePeer(Peer(publicKey: update.publicKey)))
        }
        let index = peers.firstIndex { $0.publicKey == update.publicKey }!
        if case .set(let key) = update.presharedKey { peers[index].presharedKey = key.isZero ? nil : key }
        if update.presharedKey == .clear { peers[index].presharedKey = nil }
        if let endpoint = update.endpoint { peers[index].endpoint = endpoint }
        if let interval = update.persistentKeepalive { peers[index].persistentKeepalive = interval }
        if update.replaceAllowedIPs { peers[index].allowedIPs = [] }
        for change in update.allowedIPs {
            let allowedIP = change.allowedIP.masked
            if change.removes {
                peers[index].allowedIPs.removeAll { $0 == allowedIP }
            } else {
                for other in peers.indices { peers[other].allowedIPs.removeAll { $0 == allowedIP } }
                peers[index].allowedIPs.append(allowedIP)
            }
        }
    }

    /// Order counts for nothing.
    static func == (left: NaiveDevice, right: NaiveDevice) -> Bool {
        left.privateKey == right.privateKey && left.listenPort == right.listenPort && left.fwmark == right.fwmark
            && left.peers.sorted { $0.publicKey < $1.publicKey } == right.peers.sorted { $0.publicKey < $1.publicKey }
    }
}

struct NaivePeer: Equatable {
    var publicKey: PublicKey
    var presharedKey: PresharedKey?
    var endpoint: Endpoint?
    var persistentKeepalive: UInt16 = 0
    var allowedIPs: [AllowedIP] = []

    init(_ peer: Peer) {
        publicKey = peer.publicKey
        presharedKey = peer.presharedKey
        endpoint = peer.endpoint
        persistentKeepalive = peer.persistentKeepalive
        allowedIPs = Array(peer.allowedIPs)
    }

    static func == (left: NaivePeer, right: NaivePeer) -> Bool {
        left.publicKey == right.publicKey && left.presharedKey == right.presharedKey
            && left.endpoint == right.endpoint && left.persistentKeepalive == right.persistentKeepalive
            && Set(left.allowedIPs) == Set(right.allowedIPs)
    }

    var peer: Peer {
        var peer = Peer(publicKey: publicKey)
        peer.presharedKey = presharedKey
        peer.endpoint = endpoint
        peer.persistentKeepalive = persistentKeepalive
        for allowedIP in allowedIPs { peer.allowedIPs.append(allowedIP) }
        return peer
    }
}
