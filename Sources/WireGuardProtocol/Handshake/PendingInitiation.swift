package import WireGuardKeys

/// The initiator's side of a handshake, `Noise_IKpsk2` (the paper's section 5.4):
///
///     <- s
///     ...
///     -> e, es, s, ss, {timestamp}
///     <- e, ee, se, psk, {}
///
/// Nil anywhere stands for a key exchange with a point of low order, or for something that the peer did not say.
package struct PendingInitiation: Sendable {
    private let senderIndex: UInt32
    private let ephemeral: PrivateKey
    /// As the first message left it.
    private let state: SymmetricState

    /// The first message, its MACs still zero, and what is needed for the answer.
    package static func create(
        local: LocalIdentity, remote: RemoteIdentity, senderIndex: UInt32, timestamp: TAI64N, ephemeral: PrivateKey
    ) -> (message: InitiationBytes, pending: PendingInitiation)? {
        guard let ss = remote.staticShared, let es = X25519.sharedSecret(ephemeral, remote.publicKey) else {
            return nil
        }
        var message = InitiationBytes(repeating: 0)
        message.set(.initiation)
        message.set(senderIndex, at: Initiation.sender)

        var state = SymmetricState.wireGuard
        state.mixHash(remote.publicKey)
        // e
        let ephemeralPublic = ephemeral.publicKey
        message.set(ephemeralPublic.bytes, at: Initiation.ephemeral)
        state.mixEphemeral(ephemeralPublic)
        // es
        state.mixKey(es)
        // s
        message.withField(Initiation.sealedStatic) { state.seal(local.publicKey.bytes.span, into: &$0) }
        // ss
        state.mixKey(ss)
        // timestamp
        let timestamp = timestamp.bytes
        message.withField(Initiation.sealedTimestamp) { state.seal(timestamp.span, into: &$0) }
        return (message, PendingInitiation(senderIndex: senderIndex, ephemeral: ephemeral, state: state))
    }

    /// Takes the answer. One that fails leaves everything as it was, for the right one may still come.
    package func consume(
        response: Span<UInt8>, local: LocalIdentity, presharedKey: PresharedKey?
    ) -> SessionKeys? {
        guard MessageType(classifying: response) == .response, Response.receiverIndex(response) == senderIndex,
            let remoteEphemeral = PublicKey(raw: response.extracting(Response.ephemeral)),
            let ee = X25519.sharedSecret(ephemeral, remoteEphemeral),
            let se = X25519.sharedSecret(local.privateKey, remoteEphemeral)
        else { return nil }

        var state = state
        // e
        state.mixEphemeral(remoteEphemeral)
        // ee
        state.mixKey(ee)
        // se
        state.mixKey(se)
        // psk
        state.mixPresharedKey(presharedKey)
        // nothing
        var nothing = MutableSpan<UInt8>()
        guard state.open(response.extracting(Response.sealedNothing), into: &nothing) else { return nil }
        let keys = state.split()
        return SessionKeys(send: keys.initiator, receive: keys.responder)
    }
}
