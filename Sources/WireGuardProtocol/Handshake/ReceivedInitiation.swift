package import WireGuardKeys

/// The responder's side of a handshake; `PendingInitiation` shows the whole pattern.
package struct ReceivedInitiation: Sendable {
    /// By which the answer names the handshake, and packets of the session name that.
    package let senderIndex: UInt32
    /// Who says that they sent it. `timestamp` tells whether it is true.
    package let publicKey: PublicKey
    private let ephemeral: PublicKey
    private let sealedTimestamp: InlineArray<28, UInt8>
    /// Up to the token `s`.
    private let state: SymmetricState

    /// Reads up to the sender's public key. Nil if the message was not made for us. Takes one key exchange.
    package init?(_ message: Span<UInt8>, local: LocalIdentity) {
        guard MessageType(classifying: message) == .initiation,
            let ephemeral = PublicKey(raw: message.extracting(Initiation.ephemeral)),
            let es = X25519.sharedSecret(local.privateKey, ephemeral)
        else { return nil }

        var state = SymmetricState.wireGuard
        state.mixHash(local.publicKey)
        // e
        state.mixEphemeral(ephemeral)
        // es
        state.mixKey(es)
        // s
        var publicKey = KeyBytes(repeating: 0)
        var field = publicKey.mutableSpan
        guard state.open(message.extracting(Initiation.sealedStatic), into: &field) else { return nil }

        (self.state, self.ephemeral, self.publicKey) = (state, ephemeral, PublicKey(bytes: publicKey))
        senderIndex = Initiation.senderIndex(message)
        sealedTimestamp = InlineArray { message[Initiation.sealedTimestamp.lowerBound + $0] }
    }

    /// Nil if the message is not from this peer.
    package func timestamp(from remote: RemoteIdentity) -> TAI64N? { finished(remote)?.timestamp }

    /// The state after the first message.
    private func finished(_ remote: RemoteIdentity) -> (state: SymmetricState, timestamp: TAI64N)? {
        guard remote.publicKey == publicKey, let ss = remote.staticShared else { return nil }
        var state = state
        // ss
        state.mixKey(ss)
        // timestamp
        var timestamp = InlineArray<12, UInt8>(repeating: 0)
        var field = timestamp.mutableSpan
        guard state.open(sealedTimestamp.span, into: &field) else { return nil }
        return (state, TAI64N(bytes: timestamp))
    }

    /// The second message, its MACs still zero, and the keys of the session. Nil as for `timestamp`, and for
    /// ephemeral keys of low order.
    package func respond(
        senderIndex: UInt32, ephemeral: PrivateKey, presharedKey: PresharedKey?, remote: RemoteIdentity
    ) -> (message: ResponseBytes, keys: SessionKeys)? {
        guard var (state, _) = finished(remote), let ee = X25519.sharedSecret(ephemeral, self.ephemeral),
            let se = X25519.sharedSecret(ephemeral, publicKey)
        else { return nil }
        var message = ResponseBytes(repeating: 0)
        message.set(.response)
        message.set(senderIndex, at: Response.sender)
        message.set(self.senderIndex, at: Response.receiver)

        // e
        let ephemeralPublic = ephemeral.publicKey
        message.set(ephemeralPublic.bytes, at: Response.ephemeral)
        state.mixEphemeral(ephemeralPublic)
        // ee
        state.mixKey(ee)
        // se
        state.mixKey(se)
        // psk
        state.mixPresharedKey(presharedKey)
        // nothing
        message.withField(Response.sealedNothing) { state.seal(Span(), into: &$0) }
        let keys = state.split()
        return (message, SessionKeys(send: keys.responder, receive: keys.initiator))
    }
}
