internal import COpenSSL
internal import CSodium
package import WireGuardKeys

/// 16 bytes that show that a message comes from someone who has a key.
package typealias MACBytes = InlineArray<16, UInt8>

/// BLAKE2s (RFC 7693) in the three ways of the paper's section 5.4: hash, keyed MAC, and HMAC.
package enum Blake2s {
    private static let blockSize = 64

    /// Of both parts, one behind the other.
    package static func hash(_ first: Span<UInt8>, _ second: Span<UInt8> = Span()) -> KeyBytes {
        let hasher = Hasher()
        var digest = KeyBytes(repeating: 0)
        hasher.start()
        hasher.update(first)
        hasher.update(second)
        hasher.finish(into: &digest)
        return digest
    }

    /// BLAKE2s's own keyed mode with 16 bytes of output. The key has 1 to 32 bytes.
    package static func mac(key: Span<UInt8>, _ message: Span<UInt8>) -> MACBytes {
        let context = EVP_MAC_CTX_new(Algorithms.blake2sMAC)
        defer { EVP_MAC_CTX_free(context) }
        var mac = MACBytes(repeating: 0)
        var size = mac.count
        let isDone = withUnsafeMutablePointer(to: &size) { size in
            withUnsafeTemporaryAllocation(of: OSSL_PARAM.self, capacity: 2) { parameters in
                parameters[0] = copenssl_mac_size(size)
                parameters[1] = OSSL_PARAM_construct_end()
                return key.withUnsafeBufferPointer {
                    EVP_MAC_init(context, $0.baseAddress, $0.count, parameters.baseAddress) == 1
                }
            }
        }
        precondition(isDone, "libcrypto cannot compute BLAKE2s")
        var written = 0
        _ = message.withUnsafeBufferPointer { EVP_MAC_update(context, $0.baseAddress, $0.count) }
        precondition(EVP_MAC_final(context, &mac, &written, mac.count) == 1 && written == mac.count)
        return mac
    }

    /// HMAC (RFC 2104) of the message and, if there is one, a last byte behind it.
    package static func hmac(key: SecretBytes, _ message: Span<UInt8>, _ last: UInt8? = nil) -> SecretBytes {
        let hasher = Hasher()
        return SecretBytes { digest in
            hasher.start(paddedKey: key, 0x36)
            hasher.update(message)
            if let last { hasher.update(CollectionOfOne(last).span) }
            hasher.finish(into: &digest)
            hasher.start(paddedKey: key, 0x5c)
            hasher.update(digest.span)
            hasher.finish(into: &digest)
            return true
        }!
    }

    /// A context of libcrypto's, which clears its state whenever it finishes.
    private struct Hasher: ~Copyable {
        private let context = EVP_MD_CTX_new()

        deinit { EVP_MD_CTX_free(context) }

        func start() {
            precondition(
                EVP_DigestInit_ex2(context, Algorithms.blake2s, nil) == 1, "libcrypto cannot compute BLAKE2s")
        }

        /// The key, zeros up to a block, all of it XORed with `pad`.
        func start(paddedKey key: SecretBytes, _ pad: UInt8) {
            start()
            var block = InlineArray<64, UInt8>(repeating: pad)
            let key = key.span
            for index in key.indices { block[index] ^= key[index] }
            update(block.span)
            sodium_memzero(&block, Blake2s.blockSize)
        }

        func update(_ bytes: Span<UInt8>) {
            _ = bytes.withUnsafeBufferPointer { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        }

        func finish(into digest: inout KeyBytes) {
            precondition(EVP_DigestFinal_ex(context, &digest, nil) == 1, "libcrypto cannot compute BLAKE2s")
        }
    }
}

/// KDF_n of the paper's section 5.4: HKDF (RFC 5869) over HMAC-BLAKE2s, with no info.
package enum KeyDerivation {
    package static func one(_ chainingKey: SecretBytes, _ input: Span<UInt8>) -> SecretBytes {
        Blake2s.hmac(key: Blake2s.hmac(key: chainingKey, input), Span(), 1)
    }

    package static func two(_ chainingKey: SecretBytes, _ input: Span<UInt8>) -> (SecretBytes, SecretBytes) {
        let extracted = Blake2s.hmac(key: chainingKey, input)
        let first = Blake2s.hmac(key: extracted, Span(), 1)
        return (first, next(extracted, first, 2))
    }

    package static func three(_ chainingKey: SecretBytes, _ input: Span<UInt8>) -> (
        SecretBytes, SecretBytes, SecretBytes
    ) {
        let extracted = Blake2s.hmac(key: chainingKey, input)
        let first = Blake2s.hmac(key: extracted, Span(), 1)
        let second = next(extracted, first, 2)
        return (first, second, next(extracted, second, 3))
    }

    private static func next(_ extracted: SecretBytes, _ previous: SecretBytes, _ number: UInt8) -> SecretBytes {
        Blake2s.hmac(key: extracted, previous.span, number)
    }
}
