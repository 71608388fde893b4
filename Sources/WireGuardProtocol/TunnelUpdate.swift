internal import Synchronization
internal import WireGuardKeys
package import WireGuardModel

extension Tunnel {
    /// Brings keys and peers to what the update says; port and mark are the engine's. Nothing of it can fail.
    /// Returns the alarms of peers that have to be served earlier than was known.
    package func apply(_ update: DeviceUpdate, _ now: Instant) -> [PeerAlarm] {
        configuration.withLock { configuration in
            if let key = update.privateKey { setPrivateKey(key, &configuration) }
            if update.replacePeers { configuration.removeAll() }
            let own = identity.withLock { $0?.publicKey }
            var alarms: [PeerAlarm] = []
            for change in update.peers where change.publicKey != own {
                if let alarm = apply(change, &configuration, now) { alarms.append(alarm) }
            }
            publish(configuration.routingTable)
            return alarms
        }
    }

    private func setPrivateKey(_ change: KeyChange<PrivateKey>, _ configuration: inout TunnelConfiguration) {
        let key: PrivateKey? = if case .set(let key) = change { key.clamped } else { nil }
        let isNew = identity.withLock { identity in
            guard identity?.privateKey != key else { return false }
            identity = key.map { LocalIdentity($0) }
            return true
        }
        guard isNew else { return }
        let own = identity.withLock { $0?.publicKey }
        defence.withLock { $0.identityChanged(own) }
        // Nobody is a peer of their own.
        if let own { configuration.remove(own) }
        for peer in configuration.allPeers { peer.identityChanged() }
    }

    private func apply(
        _ change: PeerUpdate, _ configuration: inout TunnelConfiguration, _ now: Instant
    ) -> PeerAlarm? {
        if change.remove {
            configuration.remove(change.publicKey)
            return nil
        }
        guard let peer = configuration.peer(change.publicKey) ?? newPeer(change, &configuration) else { return nil }
        if change.replaceAllowedIPs { configuration.removeAllowedIPs(of: peer) }
        for entry in change.allowedIPs {
            if entry.removes {
                configuration.remove(entry.allowedIP, from: peer)
            } else {
                configuration.add(entry.allowedIP, to: peer)
            }
        }
        return peer.apply(change, now)
    }

    private func newPeer(_ change: PeerUpdate, _ configuration: inout TunnelConfiguration) -> TunnelPeer? {
        change.updateOnly ? nil : configuration.add(change.publicKey, indices: indices)
    }

    /// The interface as it is, without what the engine knows.
    package func device(name: InterfaceName) -> Device {
        var device = Device(name: name)
        identity.withLock { identity in
            device.privateKey = identity?.privateKey
            device.publicKey = identity?.publicKey
        }
        configuration.withLock { configuration in
            device.peers.reserveCapacity(configuration.peerCount)
            configuration.forEachPeer { peer, allowedIPs in device.peers.append(peer.report(allowedIPs)) }
        }
        return device
    }
}

extension TunnelPeer {
    /// Sessions made with the old key end; the next packet begins one with the new.
    fileprivate func identityChanged() {
        if let index = handshake.withLock({ $0.forgetIdentity() }) { indices.remove(index) }
        indices.remove(traffic.withLock { $0.endSessions() })
    }

    fileprivate func apply(_ change: PeerUpdate, _ now: Instant) -> PeerAlarm? {
        if let key = change.presharedKey {
            let key: PresharedKey? = if case .set(let key) = key { key } else { nil }
            handshake.withLock { $0.presharedKey = key }
        }
        return traffic.withLock { traffic in
            if let endpoint = change.endpoint { traffic.endpointSet(endpoint) }
            if let seconds = change.persistentKeepalive { traffic.persistentKeepaliveSet(seconds, now) }
            return traffic.takeAlarm(now).map { PeerAlarm($0, for: self) }
        }
    }

    fileprivate func report(_ allowedIPs: ShortList<AllowedIP>) -> Peer {
        var report = Peer(publicKey: publicKey)
        report.presharedKey = handshake.withLock { $0.presharedKey }
        traffic.withLock { traffic in
            report.endpoint = traffic.path?.remote
            report.latestHandshake = traffic.latestHandshake
            (report.received, report.sent) = (traffic.bytesReceived, traffic.bytesSent)
            report.persistentKeepalive = traffic.persistentKeepalive
        }
        report.allowedIPs = allowedIPs
        return report
    }
}

extension PeerTraffic {
    fileprivate mutating func endpointSet(_ endpoint: Endpoint) {
        // The source that belongs to the way that is in use stays with it.
        if path?.remote != endpoint { path = Path(to: endpoint) }
    }

    fileprivate mutating func persistentKeepaliveSet(_ seconds: UInt16, _ now: Instant) {
        let isNew = persistentKeepalive == 0 && seconds > 0
        persistentKeepalive = seconds
        if isNew || seconds == 0 { timers.persistentKeepaliveChanged(now, seconds: isClosed ? 0 : seconds) }
    }
}
