internal import COpenSSL

/// libcrypto's implementations, looked up once. They never change, and threads may share them.
enum Algorithms {
    nonisolated(unsafe) static let blake2s = found(EVP_MD_fetch(nil, "BLAKE2S-256", nil))
    nonisolated(unsafe) static let blake2sMAC = found(EVP_MAC_fetch(nil, OSSL_MAC_NAME_BLAKE2SMAC, nil))
    nonisolated(unsafe) static let chaCha20Poly1305 = found(EVP_CIPHER_fetch(nil, "ChaCha20-Poly1305", nil))

    private static func found(_ algorithm: OpaquePointer?) -> OpaquePointer {
        guard let algorithm else { fatalError("libcrypto lacks BLAKE2s or ChaCha20-Poly1305") }
        return algorithm
    }
}
