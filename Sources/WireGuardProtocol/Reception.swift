internal import Synchronization
internal import WireGuardKeys
internal import WireGuardModel

extension Tunnel {
    /// What a handshake message that came in brings about.
    package struct Reaction: Sendable {
        package var reply: HandshakeDatagram?
        /// To be served now.
        package var peer: TunnelPeer?
    }

    /// Whether the interface is under load, given the number of waiting handshake messages. It stays so for a second.
    package func isUnderLoad(waiting: Int, _ now: Instant) -> Bool {
        defence.withLock { $0.isUnderLoad(waiting: waiting, now) }
    }

    /// Takes a handshake message from the network. What is wrong about it in any way is dropped without a word.
    ///
    /// `isUnderLoad`: more come than can be computed. Senders must then show by a cookie that they receive at
    /// the address that they send from, and each address is heard a few times a second (the paper's section 5.3).
    package func receive(
        _ message: Span<UInt8>, by path: Path, isUnderLoad: Bool, at now: Moment
    ) -> Reaction {
        guard let type = MessageType(classifying: message), let local = identity.withLock({ $0 }) else {
            return Reaction()
        }
        switch type {
        case .initiation:
            if let reply = admit(message, by: path, isUnderLoad, now.instant) { return reply }
            return StackZeroing.run { receiveInitiation(message, by: path, local, at: now) }
        case .response:
            if let reply = admit(message, by: path, isUnderLoad, now.instant) { return reply }
            return StackZeroing.run { receiveResponse(message, by: path, local, at: now) }
        case .cookieReply:
            receiveCookieReply(message, by: path, now.instant)
            return Reaction()
        case .data: return Reaction()
        }
    }

    /// Nil for a message that may cost us computing; else what is said instead, maybe nothing.
    private func admit(_ message: Span<UInt8>, by path: Path, _ isUnderLoad: Bool, _ now: Instant) -> Reaction? {
        let verdict = defence.withLock { $0.judge(message, from: path.remote, isUnderLoad: isUnderLoad, now, entropy) }
        switch verdict {
        case .admitted: return nil
        case .invalidMAC1: return refuse(.invalidMAC1, by: path)
        case .tooMany: return refuse(.tooMany, by: path)
        case .owesCookie(let reply):
            events(.cookieReplySent(to: path.remote))
            return Reaction(reply: HandshakeDatagram(reply, by: path))
        }
    }

    /// Whether our private key is still the one that a message was read with. Called under the lock of the peer's
    /// handshake: a change of the key takes that lock later, and ends what was begun with the old one.
    private func isCurrent(_ local: LocalIdentity) -> Bool {
        identity.withLock { $0?.publicKey == local.publicKey }
    }

    private func refuse(_ refusal: Refusal, by path: Path) -> Reaction {
        events(.refused(refusal, from: path.remote))
        return Reaction()
    }

    // MARK: Initiations

    private func receiveInitiation(
        _ message: Span<UInt8>, by path: Path, _ local: LocalIdentity, at now: Moment
    ) -> Reaction {
        guard let initiation = ReceivedInitiation(message, local: local) else {
            return refuse(.invalidInitiation, by: path)
        }
        guard let peer = configuration.withLock({ $0.peer(initiation.publicKey) }) else {
            return refuse(.unknownPeer(initiation.publicKey), by: path)
        }
        return peer.handshake.withLock { handshake in
            guard isCurrent(local), peer.isOpen else { return Reaction() }
            let remote = handshake.remote(peer.publicKey, for: local)
            guard let timestamp = initiation.timestamp(from: remote) else {
                return refuse(.invalidInitiation, by: path)
            }
            if let staleness = handshake.staleness(of: timestamp, now.instant) {
                peer.note(staleness)
                return Reaction()
            }
            peer.note(.initiationReceived)
            handshake.latestTimestamp = timestamp
            handshake.latestInitiationReceived = now.instant
            return respond(to: initiation, of: peer, remote, &handshake, by: path, at: now)
        }
    }

    private func respond(
        to initiation: ReceivedInitiation, of peer: TunnelPeer, _ remote: RemoteIdentity,
        _ handshake: inout PeerHandshake,
        by path: Path, at now: Moment
    ) -> Reaction {
        let index = indices.add(peer: peer, entropy: entropy)
        guard
            let (response, keys) = initiation.respond(
                senderIndex: index, ephemeral: PrivateKey(secret: entropy.secret()),
                presharedKey: handshake.presharedKey, remote: remote)
        else {
            indices.remove(index)
            return Reaction()
        }
        var message = response
        handshake.stamp(&message, for: remote, now.instant)
        let keypair = Keypair(
            keys: keys, localIndex: index, remoteIndex: initiation.senderIndex, isInitiator: false,
            createdAt: now.instant, onWallClock: now.wall)
        guard peer.install(keypair, by: path, now.instant, jitter: entropy.interval(below: Limits.rekeyTimeoutJitter))
        else { return Reaction() }
        peer.note(.responseSent)
        return Reaction(reply: HandshakeDatagram(message, by: path), peer: peer)
    }

    // MARK: Responses

    private func receiveResponse(
        _ message: Span<UInt8>, by path: Path, _ local: LocalIdentity, at now: Moment
    ) -> Reaction {
        guard let entry = indices.find(Response.receiverIndex(message)), entry.keypair == nil else {
            return refuse(.invalidResponse, by: path)
        }
        let peer = entry.peer
        return peer.handshake.withLock { handshake in
            guard isCurrent(local), peer.awaitsResponse(now.instant),
                let (pending, index) = handshake.pending, index == Response.receiverIndex(message),
                let keys = pending.consume(response: message, local: local, presharedKey: handshake.presharedKey)
            else { return refuse(.invalidResponse, by: path) }
            peer.note(.responseReceived)
            handshake.pending = nil
            let keypair = Keypair(
                keys: keys, localIndex: index, remoteIndex: Response.senderIndex(message), isInitiator: true,
                createdAt: now.instant, onWallClock: now.wall)
            let jitter = entropy.interval(below: Limits.rekeyTimeoutJitter)
            return Reaction(peer: peer.install(keypair, by: path, now.instant, jitter: jitter) ? peer : nil)
        }
    }

    // MARK: Cookie replies

    /// No packet of a session, so that the peer does not roam by it.
    private func receiveCookieReply(_ message: Span<UInt8>, by path: Path, _ now: Instant) {
        let peer = indices.find(CookieReply.receiverIndex(message))?.peer
        let isTaken = peer?.handshake.withLock { $0.cookies?.consume(reply: message, now) } ?? false
        if let peer, isTaken {
            peer.note(.cookieReceived)
        } else {
            events(.refused(.invalidCookieReply, from: path.remote))
        }
    }
}

extension TunnelPeer {
    fileprivate var isOpen: Bool { traffic.withLock { !$0.isClosed } }

    fileprivate func awaitsResponse(_ now: Instant) -> Bool { traffic.withLock { $0.timers.awaitsResponse(now) } }

    /// Installs a new session. False if meanwhile the peer was closed, or another session has replaced the handshake
    /// that a response belongs to.
    fileprivate func install(_ keypair: Keypair, by path: Path, _ now: Instant, jitter: Instant.Interval) -> Bool {
        var hasRoamed = false
        let gone: [Keypair]? = traffic.withLock { traffic in
            guard !traffic.isClosed, !keypair.isInitiator || traffic.timers.awaitsResponse(now) else { return nil }
            hasRoamed = traffic.path?.remote != path.remote
            traffic.learn(path)
            traffic.jitter = jitter
            indices.complete(keypair.localIndex, peer: self, with: keypair)
            return keypair.isInitiator
                ? traffic.installAsInitiator(keypair, now) : traffic.installAsResponder(keypair, now)
        }
        guard let gone else {
            indices.remove(keypair.localIndex)
            return false
        }
        indices.remove(gone)
        if hasRoamed { note(.roamed(to: path.remote)) }
        return true
    }
}

extension PeerTraffic {
    fileprivate mutating func installAsInitiator(_ keypair: Keypair, _ now: Instant) -> [Keypair] {
        let gone = slots.installAsInitiator(keypair)
        handshakeCompleted(keypair, now)
        handshakeMessageReceived(now, bytes: MessageSize.response)
        timers.sessionDerived(now)
        timers.sessionToConfirm(now)
        return gone
    }

    fileprivate mutating func installAsResponder(_ keypair: Keypair, _ now: Instant) -> [Keypair] {
        let gone = slots.installAsResponder(keypair)
        handshakeMessageReceived(now, bytes: MessageSize.initiation)
        handshakeMessageSent(now)
        timers.sessionDerived(now)
        return gone
    }
}

extension PeerHandshake {
    /// Nil for a new initiation within the rate limit, else what is wrong: replay or flood (the paper's section 5.1).
    fileprivate func staleness(of timestamp: TAI64N, _ now: Instant) -> PeerEvent? {
        if let latestTimestamp, timestamp <= latestTimestamp { return .initiationReplayed }
        guard let latestInitiationReceived else { return nil }
        return now.since(latestInitiationReceived) < Limits.initiationInterval ? .initiationTooEarly : nil
    }
}
