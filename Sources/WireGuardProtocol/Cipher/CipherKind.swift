internal import CPacketCipher

/// Who computes the ChaCha20-Poly1305 of data packets, the fastest first.
package enum CipherKind: CaseIterable, Equatable, Sendable {
    /// Our own cipher of batches, by AVX-512 with its 52-bit multiplication.
    case avx512
    /// The same by AVX2.
    case avx2
    /// libcrypto, packet after packet.
    case libcrypto

    /// Those that this processor can run.
    package static let available = allCases.filter(\.isAvailable)

    /// The best that this processor can run.
    package static let fastest = available[0]

    package var isAvailable: Bool { path.map(cpacketcipher_is_available) ?? true }

    /// The instructions of our own cipher.
    var path: cpacketcipher_path? {
        switch self {
        case .avx512: cpacketcipher_avx512
        case .avx2: cpacketcipher_avx2
        case .libcrypto: nil
        }
    }
}
