internal import WireGuardKeys
package import WireGuardModel

extension DeviceUpdate {
    /// What is left of a file's update where a device is most of it already; nil where nothing is.
    ///
    /// Peers become what the file says: those that it lacks go, as do keys and intervals that it does not give them.
    /// A peer's endpoint stays where the file has none. Of the interface's own keys only those that are in the file are
    /// brought to it: a hook may have set the others.
    package static func difference(from device: Device, to file: DeviceUpdate, fwmark: UInt32?) -> DeviceUpdate? {
        let meaning = FileMeaning(of: file)
        var change = DeviceUpdate(name: device.name)
        if let key = meaning.privateKey, key != device.privateKey?.clamped { change.privateKey = .set(key) }
        if let port = file.listenPort, port != device.listenPort { change.listenPort = port }
        if let fwmark, fwmark != device.fwmark { change.fwmark = fwmark }
        change.addPeers(from: device, to: file, meaning)
        return change.isEmpty ? nil : change
    }

    /// The update that restores an earlier state of a device; nil if nothing differs.
    package static func restoring(_ before: Device, from now: Device) -> DeviceUpdate? {
        var change = DeviceUpdate(name: before.name)
        if before.privateKey != now.privateKey { change.privateKey = before.privateKey.map { .set($0) } ?? .clear }
        if before.listenPort != now.listenPort { change.listenPort = before.listenPort }
        if before.fwmark != now.fwmark { change.fwmark = before.fwmark }
        var present: [PublicKey: Peer] = [:]
        for peer in now.peers { present[peer.publicKey] = peer }
        let wanted = Set(before.peers.map(\.publicKey))
        for peer in now.peers where !wanted.contains(peer.publicKey) { change.remove(peer.publicKey) }
        for peer in before.peers {
            var found = present[peer.publicKey]
            // No request removes an endpoint: only a new peer has none.
            if peer.endpoint == nil, found?.endpoint != nil {
                change.remove(peer.publicKey)
                found = nil
            }
            let meaning = FileMeaning.PeerMeaning(peer)
            if let update = meaning.difference(
                from: found, peer.publicKey, order: ShortList(peer.allowedIPs.map { AllowedIPChange($0) }))
            {
                change.peers.append(update)
            }
        }
        return change.isEmpty ? nil : change
    }

    private mutating func remove(_ peer: PublicKey) {
        var removal = PeerUpdate(publicKey: peer)
        removal.remove = true
        peers.append(removal)
    }

    private mutating func addPeers(from device: Device, to file: DeviceUpdate, _ meaning: FileMeaning) {
        var present: [PublicKey: Peer] = [:]
        for peer in device.peers {
            present[peer.publicKey] = peer
            if meaning.peers[peer.publicKey] != nil { continue }
            remove(peer.publicKey)
        }
        var seen: Set<PublicKey> = []
        for peer in file.peers {
            let key = peer.publicKey
            // Nil for a peer of the interface's own key.
            guard let wanted = meaning.peers[key], seen.insert(key).inserted else { continue }
            if let update = wanted.difference(from: present[key], key, order: peer.allowedIPs) { peers.append(update) }
        }
    }

    private var isEmpty: Bool { privateKey == nil && listenPort == nil && fwmark == nil && peers.isEmpty }
}

extension FileMeaning.PeerMeaning {
    /// The meaning of a peer as it is.
    fileprivate init(_ peer: Peer) {
        self.init(
            presharedKey: peer.presharedKey, endpoint: peer.endpoint, persistentKeepalive: peer.persistentKeepalive,
            allowedIPs: Set(peer.allowedIPs.map(\.masked)))
    }

    /// Nil where the peer is like this; the whole where there is none. Allowed-ips come in the order of the file's
    /// first list, then any others.
    fileprivate func difference(
        from peer: Peer?, _ key: PublicKey, order: ShortList<AllowedIPChange>
    ) -> PeerUpdate? {
        var update = PeerUpdate(publicKey: key)
        if presharedKey != peer?.presharedKey { update.presharedKey = presharedKey.map { .set($0) } ?? .clear }
        if let endpoint, endpoint != peer?.endpoint { update.endpoint = endpoint }
        if persistentKeepalive != peer?.persistentKeepalive ?? 0 { update.persistentKeepalive = persistentKeepalive }
        let present = Set(peer?.allowedIPs.map(\.masked) ?? [])
        if allowedIPs != present {
            update.replaceAllowedIPs = true
            var rest = allowedIPs
            for change in order {
                guard let allowedIP = rest.remove(change.allowedIP.masked) else { continue }
                update.allowedIPs.append(AllowedIPChange(allowedIP))
            }
            for allowedIP in rest { update.allowedIPs.append(AllowedIPChange(allowedIP)) }
        }
        let isSame =
            update.presharedKey == nil && update.endpoint == nil && update.persistentKeepalive == nil
            && !update.replaceAllowedIPs
        return peer != nil && isSame ? nil : update
    }
}
