package import WireGuardKeys

/// What both sides of a handshake know at each point of it: a hash of everything said, and a key that everything
/// secret went into (the Noise specification's section 5.2; `Hash`, `C` and `k` of the paper's section 5.4).
///
/// A copy goes on independently of the original.
package struct SymmetricState: Sendable {
    package private(set) var hash: KeyBytes
    private var chainingKey: SecretBytes
    /// Nil before the first `mixKey`. Every key seals one thing only.
    private var key: SecretBytes?

    package static let wireGuard = SymmetricState(
        protocolName: "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s", prologue: "WireGuard v1 zx2c4 Jason@zx2c4.com")

    /// `protocolName` is longer than a hash, as those of Noise with a preshared key are.
    package init(protocolName: String, prologue: String) {
        let name = Array(protocolName.utf8)
        let prologue = Array(prologue.utf8)
        hash = Blake2s.hash(name.span)
        chainingKey = SecretBytes(copying: hash.span)
        mixHash(prologue.span)
    }

    package mutating func mixHash(_ bytes: Span<UInt8>) { hash = Blake2s.hash(hash.span, bytes) }

    /// The token `e`, and `s` of the side that is known beforehand.
    package mutating func mixHash(_ publicKey: PublicKey) { mixHash(publicKey.bytes.span) }

    /// The token `e`, which with a preshared key goes into the key as well.
    package mutating func mixEphemeral(_ publicKey: PublicKey) {
        mixHash(publicKey)
        chainingKey = KeyDerivation.one(chainingKey, publicKey.bytes.span)
    }

    /// The tokens `es`, `ss`, `ee` and `se`.
    package mutating func mixKey(_ shared: SecretBytes) {
        (chainingKey, key) = KeyDerivation.two(chainingKey, shared.span)
    }

    /// The token `psk`: all zeros where there is no preshared key.
    package mutating func mixPresharedKey(_ presharedKey: PresharedKey?) {
        let secret = presharedKey?.secret ?? SecretBytes(copying: KeyBytes(repeating: 0).span)
        let derived = KeyDerivation.three(chainingKey, secret.span)
        mixHash(derived.1.span)
        (chainingKey, key) = (derived.0, derived.2)
    }

    /// `sealed` is 16 bytes longer than the plaintext.
    package mutating func seal(_ plaintext: Span<UInt8>, into sealed: inout MutableSpan<UInt8>) {
        ChaCha20Poly1305.seal(plaintext, key: key!, authenticating: hash.span, into: &sealed)
        mixHash(sealed.span)
    }

    /// False if it was not sealed by someone who has said and heard the same. The state is of no use then.
    package mutating func open(_ sealed: Span<UInt8>, into plaintext: inout MutableSpan<UInt8>) -> Bool {
        guard ChaCha20Poly1305.open(sealed, key: key!, authenticating: hash.span, into: &plaintext) else {
            return false
        }
        mixHash(sealed)
        return true
    }

    /// The keys of the session: what the initiator sends under, what the responder sends under.
    package func split() -> (initiator: SecretBytes, responder: SecretBytes) { KeyDerivation.two(chainingKey, Span()) }
}
