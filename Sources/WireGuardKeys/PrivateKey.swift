internal import CSodium

/// An interface's Curve25519 private key.
package struct PrivateKey: SecretKey {
    package let secret: SecretBytes

    package init(secret: SecretBytes) { self.secret = secret }

    /// A new random key, clamped, so that it looks the same everywhere.
    package static func generate() -> PrivateKey { PrivateKey(secret: randomSecret()).clamped }

    /// The same key as RFC 7748, section 5, decodes it, and as interfaces show it.
    package var clamped: PrivateKey {
        let clamped = SecretBytes { bytes in
            secret.span.withUnsafeBufferPointer { secret in
                withUnsafeMutableBytes(of: &bytes) { $0.copyMemory(from: UnsafeRawBufferPointer(secret)) }
            }
            bytes[0] &= 248
            bytes[31] = bytes[31] & 127 | 64
            return true
        }
        return PrivateKey(secret: clamped!)
    }

    /// X25519 of this key and the base point.
    package var publicKey: PublicKey {
        var bytes = KeyBytes(repeating: 0)
        secret.span.withUnsafeBufferPointer { _ = crypto_scalarmult_base(&bytes, $0.baseAddress!) }
        return PublicKey(bytes: bytes)
    }
}
