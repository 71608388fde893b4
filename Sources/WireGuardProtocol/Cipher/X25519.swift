internal import CKeyExchange
internal import CSodium
package import WireGuardKeys

/// Diffie-Hellman on Curve25519 (RFC 7748).
///
/// Our own code goes through up to eight exchanges in less time than libsodium takes for one, but only some processors
/// can run it; libsodium serves the others.
package struct X25519: Sendable {
    private let usesVectors: Bool

    /// Whether this processor can run our own code.
    package static let hasVectors = ckeyexchange_is_available()
    private static let isReady = sodium_init() >= 0

    /// The point whose product with a private key is the public key.
    package static let basePoint = PublicKey(bytes: KeyBytes { $0 == 0 ? 9 : 0 })

    package init(usesVectors: Bool = true) {
        precondition(Self.isReady, "libsodium cannot start")
        self.usesVectors = usesVectors && Self.hasVectors
    }

    /// Nil for points of low order, with which everybody gets the same all-zero secret.
    package func sharedSecret(_ privateKey: PrivateKey, _ publicKey: PublicKey) -> SecretBytes? {
        sharedSecrets([(privateKey, publicKey)])[0]
    }

    /// Several that do not wait for each other, at most eight.
    package func sharedSecrets(_ exchanges: [(PrivateKey, PublicKey)]) -> [SecretBytes?] {
        usesVectors ? Self.multiply(exchanges) : exchanges.map(Self.multiply)
    }

    // MARK: libsodium

    private static func multiply(_ privateKey: PrivateKey, _ publicKey: PublicKey) -> SecretBytes? {
        SecretBytes { shared in
            privateKey.secret.withBytes { scalar in
                scalar.span.withUnsafeBufferPointer { scalar in
                    if publicKey == basePoint { return crypto_scalarmult_base(&shared, scalar.baseAddress!) == 0 }
                    return publicKey.bytes.span.withUnsafeBufferPointer { point in
                        crypto_scalarmult(&shared, scalar.baseAddress!, point.baseAddress!) == 0
                    }
                }
            }
        }
    }

    // MARK: Our own

    /// What one exchange needs, side by side.
    private enum Place {
        static let scalar = 0
        static let point = 32
        static let shared = 64
        static let size = 96
    }

    private static func multiply(_ exchanges: [(PrivateKey, PublicKey)]) -> [SecretBytes?] {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: exchanges.count * Place.size) { memory in
            defer { sodium_memzero(memory.baseAddress!, memory.count) }
            let starts = exchanges.indices.map { memory.baseAddress! + $0 * Place.size }
            for (start, (privateKey, publicKey)) in zip(starts, exchanges) {
                privateKey.secret.withBytes { copy($0, to: start + Place.scalar) }
                copy(publicKey.bytes, to: start + Place.point)
            }
            let jobs = starts.map {
                ckeyexchange_job(scalar: $0 + Place.scalar, point: $0 + Place.point, shared: $0 + Place.shared)
            }
            ckeyexchange_multiply(jobs, jobs.count)
            return starts.map { secret(at: $0 + Place.shared) }
        }
    }

    private static func copy(_ bytes: borrowing KeyBytes, to target: UnsafeMutablePointer<UInt8>) {
        for index in 0..<32 { target[index] = bytes[index] }
    }

    private static func secret(at start: UnsafeMutablePointer<UInt8>) -> SecretBytes? {
        let secret = SecretBytes { bytes in
            for index in 0..<32 { bytes[index] = start[index] }
            return true
        }!
        return secret.isZero ? nil : secret
    }
}

extension SecretBytes {
    /// What came of the base point is no secret.
    var asPublicKey: PublicKey { PublicKey(bytes: KeyBytes { index in withBytes { $0[index] } }) }
}
