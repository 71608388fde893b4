internal import WireGuardKeys

/// What handshakes with a peer need and leave behind, guarded by its lock.
struct PeerHandshake {
    var presharedKey: PresharedKey?
    /// Our initiation that has not been answered yet, and the index that it carries.
    var pending: (initiation: PendingInitiation, index: UInt32)?
    var cookies: CookieKeeper?
    /// The greatest one in an initiation of the peer's: older ones are replays.
    var latestTimestamp: TAI64N?
    var latestInitiationReceived: Instant?
    var latestInitiationSent: Instant?
    private var remote: RemoteIdentity?

    /// The peer's identity as `local` sees it. Computed when it is first needed: it costs an X25519, and devices may
    /// have thousands of peers that never send a packet.
    mutating func remote(_ publicKey: PublicKey, for local: LocalIdentity) -> RemoteIdentity {
        if let remote, remote.localPublicKey == local.publicKey { return remote }
        let identity = RemoteIdentity(publicKey, local: local)
        remote = identity
        return identity
    }

    /// Completes a message of ours to the peer.
    mutating func stamp<let count: Int>(
        _ message: inout InlineArray<count, UInt8>, for remote: RemoteIdentity, _ now: Instant
    ) {
        if cookies == nil { cookies = CookieKeeper(remote) }
        cookies!.stamp(&message, now)
    }

    /// Erases the unanswered initiation with its ephemeral key. Returns its index, which is no longer used.
    mutating func forgetPending() -> UInt32? {
        defer { pending = nil }
        return pending?.index
    }

    /// Discards state of our old private key. Returns the index that is no longer used.
    mutating func forgetIdentity() -> UInt32? {
        (remote, cookies) = (nil, nil)
        return close()
    }

    /// Resets the state when the interface goes down: after that the first handshake need not wait until
    /// `Limits.rekeyTimeout` has passed since the last initiation. Returns the index that is no longer used.
    mutating func close() -> UInt32? {
        latestInitiationSent = nil
        return forgetPending()
    }
}
