internal import WireGuardKeys
package import WireGuardModel

extension DeviceUpdate {
    /// The same as the whole of an interface: what it does not name goes.
    package var asWhole: DeviceUpdate {
        var whole = self
        whole.privateKey = privateKey ?? .clear
        whole.listenPort = listenPort ?? 0
        whole.fwmark = fwmark ?? 0
        whole.replacePeers = true
        return whole
    }
}

/// `wg syncconf`: brings an interface to what a file says without disturbing the peers that stay.
package enum Synchronization {
    /// Peers that the file lacks are removed. The others keep their sessions, and their endpoints where
    /// the file has none; what else the file does not say is cleared.
    package static func update(bringing device: Device, to file: DeviceUpdate) -> DeviceUpdate {
        var update = file.asWhole
        guard !device.peers.isEmpty, !file.peers.isEmpty else { return update }
        update.replacePeers = false
        var removals: [PeerUpdate] = []
        matchPeers(of: device, with: file) { devicePeer, filePeer in
            if let filePeer {
                update.peers[filePeer].clearWhatIsNotSaid(of: device.peers[devicePeer])
            } else {
                var removal = PeerUpdate(publicKey: device.peers[devicePeer].publicKey)
                removal.remove = true
                removals.append(removal)
            }
        }
        update.peers.insert(contentsOf: removals, at: 0)
        return update
    }

    /// Calls `body` with the index of every peer of the device and that of its like in the file, from the
    /// largest key to the smallest. Of peers that are named twice, each has one like at most.
    private static func matchPeers(
        of device: Device, with file: DeviceUpdate, _ body: (_ device: Int, _ file: Int?) -> Void
    ) {
        let deviceKeys = KeyOrder(device.peers.map(\.publicKey))
        let fileKeys = KeyOrder(file.peers.map(\.publicKey))
        var next = fileKeys.order[...]
        for devicePeer in deviceKeys.order {
            let key = deviceKeys.keys[devicePeer]
            while let first = next.first, key < fileKeys.keys[first] { next.removeFirst() }
            if let first = next.first, fileKeys.keys[first] == key {
                body(devicePeer, first)
                next.removeFirst()
            } else {
                body(devicePeer, nil)
            }
        }
    }
}

/// Keys, and their places from the largest key to the smallest; equal ones stay in their order.
private struct KeyOrder {
    let keys: [PublicKey]
    let order: [Int]

    init(_ keys: [PublicKey]) {
        self.keys = keys
        order = keys.indices.sorted { left, right in
            if keys[right] < keys[left] { return true }
            return keys[right] == keys[left] && left < right
        }
    }
}

extension PeerUpdate {
    fileprivate mutating func clearWhatIsNotSaid(of peer: Peer) {
        if presharedKey == nil, peer.presharedKey != nil { presharedKey = .clear }
        if persistentKeepalive == nil, peer.persistentKeepalive != 0 { persistentKeepalive = 0 }
    }
}
