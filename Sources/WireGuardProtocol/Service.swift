internal import WireGuardKeys
internal import WireGuardModel

extension Tunnel {
    /// What a peer is due for. Whoever serves it sends the initiation first, then the packets that waited, then,
    /// if none did, an empty one as a keepalive.
    package struct Duties: Sendable {
        package var initiation: HandshakeDatagram?
        package var sendsStaged = false
        package var sendsKeepalive = false
        /// When the peer has to be served again at the latest; nil for not before an alarm.
        package var next: Instant?
    }

    /// Looks after a peer whose alarm rings: one that is not the peer's latest is passed over. Without an
    /// alarm it is looked after in any case.
    package func serve(_ peer: TunnelPeer, alarm: Instant?, at now: Moment) -> Duties {
        var duties = Duties()
        var handshake = HandshakeDuty.none
        var told = ServiceEvents()
        let gone: [Keypair]? = peer.traffic.withLock { traffic in
            guard traffic.alarmRings(alarm) else { return nil }
            return traffic.serve(now.instant, &duties, &handshake, &told)
        }
        guard let gone else { return duties }
        peer.indices.remove(gone)
        told.tell(of: peer)
        switch handshake {
        case .none: break
        case .initiate: duties.initiation = StackZeroing.run { initiate(with: peer, at: now) }
        case .forget: peer.forgetPending()
        }
        duties.next = peer.traffic.withLock { $0.takeAlarm(now.instant) }
        return duties
    }

    fileprivate enum HandshakeDuty {
        case none, initiate, forget
    }

    /// Events of a service, reported once the peer's lock is released.
    fileprivate struct ServiceEvents {
        var hasErasedKeys = false
        var isSilent = false
        var unansweredAttempt: Int?
        var hasGivenUp = false

        func tell(of peer: TunnelPeer) {
            if hasErasedKeys { peer.note(.keysErased) }
            if isSilent { peer.note(.silent) }
            if let unansweredAttempt { peer.note(.handshakeUnanswered(attempt: unansweredAttempt)) }
            if hasGivenUp { peer.note(.handshakeGivenUp) }
        }
    }

    private func initiate(with peer: TunnelPeer, at now: Moment) -> HandshakeDatagram? {
        peer.handshake.withLock { handshake -> HandshakeDatagram? in
            // Read under the peer's lock: a new private key is published before the peers are updated.
            guard let local = identity.withLock({ $0 }) else { return nil }
            if let sent = handshake.latestInitiationSent, now.instant.since(sent) < Limits.rekeyTimeout {
                peer.traffic.withLock { $0.timers.handshakePutOff(until: sent + Limits.rekeyTimeout) }
                return nil
            }
            let jitter = entropy.interval(below: Limits.rekeyTimeoutJitter)
            guard let path = peer.traffic.withLock({ $0.initiationGoesOut(now.instant, jitter: jitter) }) else {
                return nil
            }
            handshake.latestInitiationSent = now.instant
            if let index = handshake.forgetPending() { indices.remove(index) }
            let remote = handshake.remote(peer.publicKey, for: local)
            let index = indices.add(peer: peer, entropy: entropy)
            guard
                let (initiation, pending) = PendingInitiation.create(
                    local: local, remote: remote, senderIndex: index, timestamp: nextTimestamp(now.wall),
                    ephemeral: PrivateKey(secret: entropy.secret()))
            else {
                indices.remove(index)
                return nil
            }
            handshake.pending = (pending, index)
            var message = initiation
            handshake.stamp(&message, for: remote, now.instant)
            peer.note(.initiationSent)
            return HandshakeDatagram(message, by: path)
        }
    }

    /// Later than all before.
    private func nextTimestamp(_ wall: HandshakeTime) -> TAI64N {
        latestTimestamp.withLock { latest in
            var timestamp = TAI64N(wall)
            if let latest, timestamp <= latest { timestamp = latest.successor }
            latest = timestamp
            return timestamp
        }
    }
}

extension PeerTraffic {
    /// Takes the timers that are due. Returns sessions that end.
    fileprivate mutating func serve(
        _ now: Instant, _ duties: inout Tunnel.Duties, _ handshake: inout Tunnel.HandshakeDuty,
        _ told: inout Tunnel.ServiceEvents
    ) -> [Keypair] {
        guard !isClosed else { return [] }
        var gone: [Keypair] = []
        if timers.take(.zeroKeys, due: now) {
            gone = slots.removeAll()
            told.hasErasedKeys = !gone.isEmpty
            handshake = .forget
        }
        if timers.take(.forgetInitiation, due: now) { handshake = .forget }
        if timers.take(.retransmitInitiation, due: now) {
            handshake = retryHandshake(now, &told) ? .initiate : .forget
        }
        if timers.take(.newHandshake, due: now) {
            told.isSilent = true
            // The address that we send from may be what is wrong.
            forgetSource()
            timers.handshakeWanted(now)
        }
        if timers.take(.initiate, due: now) { handshake = .initiate }
        if timers.takeKeepalive(due: now) { duties.sendsKeepalive = true }
        if timers.takePersistentKeepalive(due: now, seconds: persistentKeepalive) { duties.sendsKeepalive = true }
        duties.sendsStaged = canSendStaged(now)
        return gone
    }

    private mutating func retryHandshake(_ now: Instant, _ told: inout Tunnel.ServiceEvents) -> Bool {
        if timers.isHandshakeWorthTrying(now) {
            told.unansweredAttempt = handshakeAttempts + 1
            forgetSource()
            return true
        }
        timers.handshakeGivenUp(now)
        told.hasGivenUp = true
        handshakeAttempts = 0
        _ = staged.takeAll()
        return false
    }

    /// Counts an initiation as sent, and returns its path. Nil if the peer is closed or has no endpoint: nothing is
    /// then retried; setting an endpoint begins a handshake for staged packets.
    fileprivate mutating func initiationGoesOut(_ now: Instant, jitter: Instant.Interval) -> Path? {
        guard let path, !isClosed else { return nil }
        self.jitter = jitter
        timers.handshakeInitiated(now, jitter: jitter)
        handshakeAttempts += 1
        handshakeMessageSent(now)
        return path
    }

    /// Handshake messages keep ways through firewalls open as well.
    mutating func handshakeMessageSent(_ now: Instant) {
        timers.authenticatedPacketSent()
        timers.authenticatedPacketPassed(now, persistentKeepalive: persistentKeepalive)
    }

    mutating func handshakeMessageReceived(_ now: Instant, bytes: Int) {
        bytesReceived += UInt64(bytes)
        timers.authenticatedPacketReceived()
        timers.authenticatedPacketPassed(now, persistentKeepalive: persistentKeepalive)
    }
}
