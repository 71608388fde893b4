/// When a peer is due for what, driven by events: each method is called when what it is named for has happened.
///
/// The rules are those of the paper's section 6. `Tunnel.serve` does the sending.
struct PeerTimers {
    private(set) var table = TimerTable()
    /// When somebody last wanted a session that there is not yet.
    private var handshakeWantedAt: Instant?
    /// Data came while a keepalive was already to be sent.
    private var wantsAnotherKeepalive = false

    // MARK: Data

    /// A packet with content is going out. If nothing comes back for long, the session is taken for dead.
    mutating func dataSent(_ now: Instant, jitter: Instant.Interval) {
        guard !table.isSet(.newHandshake) else { return }
        table[.newHandshake] = now + Limits.keepaliveTimeout + Limits.rekeyTimeout + jitter
    }

    /// Cancels the timer that `dataSent` armed at `now`: the data was not sent.
    mutating func dataNotSent(_ now: Instant, jitter: Instant.Interval) {
        let armed = now + Limits.keepaliveTimeout + Limits.rekeyTimeout + jitter
        if table[.newHandshake] == armed { table.cancel(.newHandshake) }
    }

    /// A packet with content came in. If we have nothing to say for long, we say so.
    mutating func dataReceived(_ now: Instant) {
        if table.isSet(.keepalive) {
            wantsAnotherKeepalive = true
        } else {
            table[.keepalive] = now + Limits.keepaliveTimeout
        }
    }

    /// Any packet under a session is going out, with content or without.
    mutating func authenticatedPacketSent() { table.cancel(.keepalive) }

    /// Any packet that only the peer can have made came in.
    mutating func authenticatedPacketReceived() { table.cancel(.newHandshake) }

    /// Either of both.
    mutating func authenticatedPacketPassed(_ now: Instant, persistentKeepalive seconds: UInt16) {
        guard seconds > 0 else { return }
        table[.persistentKeepalive] = now + .seconds(UInt64(seconds))
    }

    // MARK: Handshakes

    /// Somebody needs a session. One that is under way will be tried for longer.
    mutating func handshakeWanted(_ now: Instant) {
        handshakeWantedAt = now
        guard !table.isSet(.retransmitInitiation), !table.isSet(.initiate) else { return }
        table[.initiate] = now
    }

    /// An initiation is going out.
    mutating func handshakeInitiated(_ now: Instant, jitter: Instant.Interval) {
        table.cancel(.initiate)
        table[.retransmitInitiation] = now + Limits.rekeyTimeout + jitter
    }

    /// Makes a new initiation, if one was under way or had to wait: the private key that it was made with is gone.
    mutating func privateKeyChanged(_ now: Instant) {
        guard table.isSet(.retransmitInitiation) || table.isSet(.initiate) else { return }
        table.cancel(.retransmitInitiation)
        table[.initiate] = now
    }

    /// It is too early for an initiation.
    mutating func handshakePutOff(until moment: Instant) { table[.initiate] = moment }

    /// Whether an initiation that was not answered is to be sent again.
    func isHandshakeWorthTrying(_ now: Instant) -> Bool {
        guard let handshakeWantedAt else { return false }
        return now.since(handshakeWantedAt) < Limits.rekeyAttemptTime
    }

    /// Both sides have proved that they have the session: an unanswered initiation of ours is then no longer needed.
    mutating func handshakeCompleted(_ now: Instant) {
        if table.isSet(.retransmitInitiation) { table[.forgetInitiation] = now }
        table.cancel(.retransmitInitiation)
        table.cancel(.initiate)
        handshakeWantedAt = nil
    }

    /// Whether a response to the last initiation is still accepted: for one retry interval, `Limits.rekeyTimeout` and
    /// jitter. After that the next initiation, with another ephemeral key, is due, or the attempt has ended.
    func awaitsResponse(_ now: Instant) -> Bool {
        table.isSet(.retransmitInitiation) && now < table[.retransmitInitiation]
    }

    /// Nobody answers. Keys that are left are forgotten in time.
    mutating func handshakeGivenUp(_ now: Instant) {
        table.cancel(.keepalive)
        wantsAnotherKeepalive = false
        handshakeWantedAt = nil
        if !table.isSet(.zeroKeys) { table[.zeroKeys] = now + Limits.zeroKeysAfter }
    }

    /// There are new keys.
    mutating func sessionDerived(_ now: Instant) { table[.zeroKeys] = now + Limits.zeroKeysAfter }

    /// The peer cannot use a session of ours before it has seen a packet under it (the paper's section 5.4.4).
    mutating func sessionToConfirm(_ now: Instant) { table[.keepalive] = now }

    // MARK: Deadlines

    mutating func take(_ timer: PeerTimer, due now: Instant) -> Bool { table.take(timer, due: now) }

    /// A keepalive is due; if data came meanwhile, another one is on the way.
    mutating func takeKeepalive(due now: Instant) -> Bool {
        guard table.take(.keepalive, due: now) else { return false }
        if wantsAnotherKeepalive {
            wantsAnotherKeepalive = false
            table[.keepalive] = now + Limits.keepaliveTimeout
        }
        return true
    }

    /// Takes a due persistent keepalive. It arms the next one before anything is sent, so that a failed send (no
    /// endpoint, no private key, no session) does not end them.
    mutating func takePersistentKeepalive(due now: Instant, seconds: UInt16) -> Bool {
        guard table.take(.persistentKeepalive, due: now), seconds > 0 else { return false }
        table[.persistentKeepalive] = now + .seconds(UInt64(seconds))
        return true
    }

    mutating func persistentKeepaliveChanged(_ now: Instant, seconds: UInt16) {
        // The first one goes out at once.
        table[.persistentKeepalive] = seconds > 0 ? now : .never
    }

    mutating func cancelAll() { self = PeerTimers() }
}
