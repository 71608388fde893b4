internal import CSodium
package import WireGuardKeys

/// Diffie-Hellman on Curve25519 (RFC 7748).
package enum X25519 {
    private static let isReady = sodium_init() >= 0

    /// Nil for points of low order, with which everybody gets the same all-zero secret.
    package static func sharedSecret(_ privateKey: PrivateKey, _ publicKey: PublicKey) -> SecretBytes? {
        precondition(isReady, "libsodium cannot start")
        return SecretBytes { shared in
            privateKey.secret.span.withUnsafeBufferPointer { scalar in
                publicKey.bytes.span.withUnsafeBufferPointer { point in
                    crypto_scalarmult(&shared, scalar.baseAddress!, point.baseAddress!) == 0
                }
            }
        }
    }
}
