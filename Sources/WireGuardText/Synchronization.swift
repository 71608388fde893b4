internal import WireGuardKeys
package import WireGuardModel

extension DeviceUpdate {
    /// The same as the whole of an interface: what it does not name goes.
    package consuming func asWhole() -> DeviceUpdate {
        privateKey = privateKey ?? .clear
        listenPort = listenPort ?? 0
        fwmark = fwmark ?? 0
        replacePeers = true
        return self
    }
}

/// `wg syncconf`: brings an interface to what a file says without disturbing the peers that stay.
package enum Synchronization {
    /// Peers that the file lacks are removed. The others keep their sessions, and their endpoints where
    /// the file has none; what else the file does not say is cleared. Of a peer that is named twice, the
    /// device's last and the file's first are the same.
    package static func update(bringing device: Device, to file: consuming DeviceUpdate) -> DeviceUpdate {
        var update = file.asWhole()
        guard !device.peers.isEmpty, !update.peers.isEmpty else { return update }
        update.replacePeers = false
        var removals: [PeerUpdate] = []
        let wanted = KeyOrder(of: update.peers.count) { update.peers[$0].publicKey }.indices
        var next = wanted[...]
        for index in KeyOrder(of: device.peers.count, key: { device.peers[$0].publicKey }).indices {
            let key = device.peers[index].publicKey
            while let first = next.first, key < update.peers[first].publicKey { next.removeFirst() }
            var like: Int?
            while let equal = next.first, update.peers[equal].publicKey == key { like = next.removeFirst() }
            if let like {
                update.peers[like].clearWhatIsNotSaid(of: device.peers[index])
            } else {
                removals.append(.removal(of: key))
            }
        }
        update.peers.insert(contentsOf: removals, at: 0)
        return update
    }
}

/// Where keys stand, from the largest to the smallest; of equal ones the last first.
private struct KeyOrder {
    let indices: [Int]

    /// Keys are random, so that nearly all comparisons end within the first eight bytes, kept at hand here.
    private struct Entry {
        let prefix: UInt64
        let index: Int
    }

    init(of count: Int, key: (Int) -> PublicKey) {
        var entries = (0..<count).map { Entry(prefix: key($0).prefix, index: $0) }
        entries.sort { left, right in
            if left.prefix != right.prefix { return left.prefix > right.prefix }
            let (leftKey, rightKey) = (key(left.index), key(right.index))
            return leftKey == rightKey ? left.index > right.index : rightKey < leftKey
        }
        indices = entries.map(\.index)
    }
}

extension PeerUpdate {
    fileprivate static func removal(of key: PublicKey) -> PeerUpdate {
        var removal = PeerUpdate(publicKey: key)
        removal.remove = true
        return removal
    }

    fileprivate mutating func clearWhatIsNotSaid(of peer: Peer) {
        if presharedKey == nil, peer.presharedKey != nil { presharedKey = .clear }
        if persistentKeepalive == nil, peer.persistentKeepalive != 0 { persistentKeepalive = 0 }
    }
}
