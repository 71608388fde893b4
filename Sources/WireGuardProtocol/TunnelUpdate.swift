internal import Synchronization
internal import WireGuardKeys
package import WireGuardModel

extension Tunnel {
    /// Brings keys and peers to what the update says; port and mark are the engine's. Nothing of it can fail.
    /// Returns the alarms of peers that have to be served earlier than was known.
    package func apply(_ update: DeviceUpdate, _ now: Instant) -> [PeerAlarm] {
        configuration.withLock { configuration in
            var alarms: [PeerAlarm] = []
            if let key = update.privateKey { alarms = StackZeroing.run { setPrivateKey(key, &configuration, now) } }
            if update.replacePeers {
                for peer in configuration.allPeers { peer.note(.removed) }
                configuration.removeAll()
            }
            let own = identity.withLock { $0?.publicKey }
            for change in update.peers where change.publicKey != own {
                if let alarm = apply(change, &configuration, now) { alarms.append(alarm) }
            }
            publish(configuration.routingTable)
            return alarms
        }
    }

    private func setPrivateKey(
        _ change: KeyChange<PrivateKey>, _ configuration: inout TunnelConfiguration, _ now: Instant
    ) -> [PeerAlarm] {
        let key: PrivateKey? = if case .set(let key) = change { key.clamped } else { nil }
        let (isNew, isFirst) = identity.withLock { identity in
            guard identity?.privateKey != key else { return (false, false) }
            defer { identity = key.map { LocalIdentity($0) } }
            return (true, identity == nil)
        }
        guard isNew else { return [] }
        events(key == nil ? .privateKeyCleared : .privateKeySet)
        let own = identity.withLock { $0?.publicKey }
        defence.withLock { $0.identityChanged(own) }
        // Nobody is a peer of their own.
        if let own { configuration.remove(own) }
        return configuration.allPeers.compactMap { $0.identityChanged(now, isFirst: isFirst) }
    }

    private func apply(
        _ change: PeerUpdate, _ configuration: inout TunnelConfiguration, _ now: Instant
    ) -> PeerAlarm? {
        if change.remove {
            configuration.peer(change.publicKey)?.note(.removed)
            configuration.remove(change.publicKey)
            return nil
        }
        guard let peer = configuration.peer(change.publicKey) ?? newPeer(change, &configuration) else { return nil }
        if change.replaceAllowedIPs || !change.allowedIPs.isEmpty { peer.note(.allowedIPsChanged) }
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
        if change.updateOnly { return nil }
        let peer = configuration.add(change.publicKey, in: surroundings)
        peer.note(.added)
        return peer
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
    /// Applies a new private key. As in the kernel, nothing more is sent under the old one's sessions, while timers and
    /// staged packets stay: the next handshake uses the new key. `isFirst`: there was none before.
    fileprivate func identityChanged(_ now: Instant, isFirst: Bool) -> PeerAlarm? {
        if let index = handshake.withLock({ $0.forgetIdentity() }) { indices.remove(index) }
        let (gone, alarm) = traffic.withLock { traffic in
            let gone = traffic.slots.stopSending()
            if isFirst { traffic.canHandshake(now) }
            traffic.timers.privateKeyChanged(now)
            return (gone, traffic.takeAlarm(now))
        }
        indices.remove(gone)
        return alarm.map { PeerAlarm($0, for: self) }
    }

    fileprivate func apply(_ change: PeerUpdate, _ now: Instant) -> PeerAlarm? {
        if let key = change.presharedKey {
            let key: PresharedKey? = if case .set(let key) = key { key } else { nil }
            let isNew = handshake.withLock { handshake in
                defer { handshake.presharedKey = key }
                return handshake.presharedKey != key
            }
            if isNew { note(key == nil ? .presharedKeyCleared : .presharedKeySet) }
        }
        noteNews(in: change)
        return traffic.withLock { traffic in
            if let endpoint = change.endpoint { traffic.endpointSet(endpoint.unmapped, now) }
            if let seconds = change.persistentKeepalive { traffic.persistentKeepaliveSet(seconds, now) }
            return traffic.takeAlarm(now).map { PeerAlarm($0, for: self) }
        }
    }

    private func noteNews(in change: PeerUpdate) {
        let (remote, seconds) = traffic.withLock { ($0.path?.remote, $0.persistentKeepalive) }
        if let endpoint = change.endpoint?.unmapped, endpoint != remote { note(.endpointSet(endpoint)) }
        if let new = change.persistentKeepalive, new != seconds { note(.persistentKeepaliveSet(new)) }
    }

    fileprivate func report(_ allowedIPs: ShortList<AllowedIP>) -> Peer {
        var report = Peer(publicKey: publicKey)
        report.presharedKey = handshake.withLock { $0.presharedKey }
        traffic.withLock { traffic in
            report.endpoint = traffic.path?.remote
            report.latestHandshake = traffic.latestHandshake
            report.received = traffic.bytesReceived
            report.persistentKeepalive = traffic.persistentKeepalive
        }
        report.sent = bytesSent
        report.allowedIPs = allowedIPs
        return report
    }
}

extension PeerTraffic {
    fileprivate mutating func endpointSet(_ endpoint: Endpoint, _ now: Instant) {
        let isFirst = path == nil
        // The source address is kept if the endpoint is the same.
        if path?.remote != endpoint { path = Path(to: endpoint) }
        if isFirst { canHandshake(now) }
    }

    /// Begins a handshake for staged packets, and the persistent keepalives, once an endpoint or a private key allows
    /// it.
    fileprivate mutating func canHandshake(_ now: Instant) {
        guard !isClosed else { return }
        initiateForStaged(now)
        if persistentKeepalive > 0 { timers.persistentKeepaliveChanged(now, seconds: persistentKeepalive) }
    }

    fileprivate mutating func persistentKeepaliveSet(_ seconds: UInt16, _ now: Instant) {
        let isNew = persistentKeepalive == 0 && seconds > 0
        persistentKeepalive = seconds
        if isNew || seconds == 0 { timers.persistentKeepaliveChanged(now, seconds: isClosed ? 0 : seconds) }
    }
}
