internal import COpenSSL
internal import WireGuardKeys

/// libcrypto's implementations, looked up once. They never change, and threads may share them.
package enum Algorithms {
    nonisolated(unsafe) static let blake2s = found(EVP_MD_fetch(nil, "BLAKE2S-256", nil))
    nonisolated(unsafe) static let blake2sMAC = found(EVP_MAC_fetch(nil, OSSL_MAC_NAME_BLAKE2SMAC, nil))
    nonisolated(unsafe) static let chaCha20Poly1305 = found(EVP_CIPHER_fetch(nil, "ChaCha20-Poly1305", nil))

    private static func found(_ algorithm: OpaquePointer?) -> OpaquePointer {
        guard let algorithm else { fatalError("libcrypto lacks BLAKE2s or ChaCha20-Poly1305") }
        return algorithm
    }

    /// Uses each algorithm once, with zero keys. At the first use libcrypto reads its configuration, which the sandbox
    /// forbids later, and the dynamic linker resolves functions, for which it saves all registers on the stack, with
    /// secrets in them.
    package static func load() {
        let key = PrivateKey(secret: SecretBytes(copying: KeyBytes(repeating: 0).span))
        _ = X25519.sharedSecret(key, key.publicKey)
        let digest = Blake2s.hmac(key: key.secret, Span())
        _ = Blake2s.mac(key: digest.span, Span())
        var sealed = InlineArray<16, UInt8>(repeating: 0)
        var field = sealed.mutableSpan
        ChaCha20Poly1305.seal(Span(), key: digest, authenticating: Span(), into: &field)
        var nothing = MutableSpan<UInt8>()
        _ = ChaCha20Poly1305.open(sealed.span, key: digest, authenticating: digest.span, into: &nothing)
        for kind in CipherKind.available { loadPacketCipher(kind, key: digest) }
    }

    private static func loadPacketCipher(_ kind: CipherKind, key: SecretBytes) {
        var cipher = PacketCipher(kind)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { packet in
            let packet = packet.baseAddress!
            packet.initialize(repeating: 0, count: 32)
            var job = UnsafeCipherJob(source: packet, destination: packet, count: 16, counter: 0)
            withUnsafeMutablePointer(to: &job) { job in
                cipher.seal(UnsafeMutableBufferPointer(start: job, count: 1), key: key.span)
                cipher.open(UnsafeMutableBufferPointer(start: job, count: 1), key: key.span)
            }
        }
    }
}
