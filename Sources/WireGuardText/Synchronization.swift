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
        let devicePeers = device.peers.indices.sorted { device.peers[$1].publicKey < device.peers[$0].publicKey }
        let filePeers = file.peers.indices.sorted { file.peers[$1].publicKey < file.peers[$0].publicKey }
        var next = filePeers[...]
        for devicePeer in devicePeers {
            let key = device.peers[devicePeer].publicKey
            while let first = next.first, key < file.peers[first].publicKey { next.removeFirst() }
            if let first = next.first, file.peers[first].publicKey == key {
                body(devicePeer, first)
                next.removeFirst()
            } else {
                body(devicePeer, nil)
            }
        }
    }
}

extension PeerUpdate {
    fileprivate mutating func clearWhatIsNotSaid(of peer: Peer) {
        if presharedKey == nil, peer.presharedKey != nil { presharedKey = .clear }
        if persistentKeepalive == nil, peer.persistentKeepalive != 0 { persistentKeepalive = 0 }
    }
}
