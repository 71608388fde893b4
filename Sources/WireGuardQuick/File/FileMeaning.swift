internal import WireGuardKeys
internal import WireGuardModel

/// The device that a file makes of a new interface.
struct FileMeaning {
    struct PeerMeaning {
        var presharedKey: PresharedKey?
        var endpoint: Endpoint?
        /// Seconds; 0 for off.
        var persistentKeepalive: UInt16 = 0
        var allowedIPs: Set<AllowedIP> = []
        /// Whether its lists are just these allowed-ips: no signs in them, and nothing that another peer took away
        /// and would leave to it again if that one went.
        var isPlain = true
    }

    let privateKey: PrivateKey?
    let listenPort: UInt16
    let fwmark: UInt32
    private(set) var peers: [PublicKey: PeerMeaning] = [:]
    /// An allowed-ip has one owner: the last who asked for it.
    private var owners: [AllowedIP: PublicKey] = [:]

    /// `update` is what the whole file says, from its first line to its last.
    init(of update: DeviceUpdate) {
        if case .set(let key) = update.privateKey, !key.isZero { privateKey = key.clamped } else { privateKey = nil }
        (listenPort, fwmark) = (update.listenPort ?? 0, update.fwmark ?? 0)
        let own = privateKey?.publicKey
        // Nobody is his own peer.
        for peer in update.peers where peer.publicKey != own { take(peer) }
    }

    /// Whether the file makes all these peers and no others.
    func makes(_ wanted: [Peer]) -> Bool {
        wanted.count == peers.count && wanted.allSatisfy { peers[$0.publicKey]?.makes($0) == true }
    }

    private mutating func take(_ update: PeerUpdate) {
        let key = update.publicKey
        if peers[key] == nil { peers[key] = PeerMeaning() }
        if case .set(let secret) = update.presharedKey { peers[key]!.presharedKey = secret.isZero ? nil : secret }
        if let endpoint = update.endpoint { peers[key]!.endpoint = endpoint }
        if let interval = update.persistentKeepalive { peers[key]!.persistentKeepalive = interval }
        if update.replaceAllowedIPs {
            for allowedIP in peers[key]!.allowedIPs { owners[allowedIP] = nil }
            peers[key]!.allowedIPs = []
        } else {
            peers[key]!.isPlain = false
        }
        for change in update.allowedIPs { take(change, of: key) }
    }

    private mutating func take(_ change: AllowedIPChange, of key: PublicKey) {
        let allowedIP = change.allowedIP.masked
        if change.removes {
            guard peers[key]!.allowedIPs.remove(allowedIP) != nil else { return }
            owners[allowedIP] = nil
        } else {
            if let owner = owners.updateValue(key, forKey: allowedIP), owner != key {
                peers[owner]!.allowedIPs.remove(allowedIP)
                peers[owner]!.isPlain = false
            }
            peers[key]!.allowedIPs.insert(allowedIP)
        }
    }
}

extension FileMeaning.PeerMeaning {
    /// A name may stand for any endpoint.
    func makes(_ peer: Peer) -> Bool {
        presharedKey == peer.presharedKey && persistentKeepalive == peer.persistentKeepalive
            && (endpoint == .anywhere || endpoint == peer.endpoint)
            && allowedIPs == Set(peer.allowedIPs.map(\.masked))
    }
}
