internal import COpenSSL
internal import WireGuardKeys

/// libcrypto's ChaCha20-Poly1305, packet after packet.
struct LibcryptoPacketCipher: ~Copyable {
    private let sealing = EVP_CIPHER_CTX_new()
    private let opening = EVP_CIPHER_CTX_new()
    private var nonce = Nonce()

    private static let tagSize: Int32 = 16
    private static let noKey = KeyBytes(repeating: 0)

    /// Twelve bytes: four zeros and the counter.
    private struct Nonce {
        private var words: (UInt32, UInt32, UInt32) = (0, 0, 0)

        @inline(__always)
        mutating func set(_ counter: UInt64) {
            words.1 = UInt32(truncatingIfNeeded: counter).littleEndian
            words.2 = UInt32(truncatingIfNeeded: counter >> 32).littleEndian
        }
    }

    init() {
        let cipher = Algorithms.chaCha20Poly1305
        precondition(
            EVP_EncryptInit_ex2(sealing, cipher, nil, nil, nil) == 1
                && EVP_DecryptInit_ex2(opening, cipher, nil, nil, nil) == 1,
            "libcrypto cannot compute ChaCha20-Poly1305")
    }

    deinit {
        EVP_CIPHER_CTX_free(sealing)
        EVP_CIPHER_CTX_free(opening)
    }

    mutating func seal(_ jobs: UnsafeMutableBufferPointer<UnsafeCipherJob>, key: Span<UInt8>) {
        StackZeroing.runShallow {
            setKey(of: sealing, key)
            for index in jobs.indices { seal(jobs[index]) }
            setKey(of: sealing, Self.noKey.span)
        }
    }

    /// Decrypts before it knows: what was refused is left for the caller to wipe.
    mutating func open(_ jobs: UnsafeMutableBufferPointer<UnsafeCipherJob>, key: Span<UInt8>) {
        StackZeroing.runShallow {
            setKey(of: opening, key)
            for index in jobs.indices { jobs[index].isAuthentic = open(jobs[index]) }
            setKey(of: opening, Self.noKey.span)
        }
    }

    private func setKey(of context: OpaquePointer?, _ key: Span<UInt8>) {
        let isSet = key.withUnsafeBufferPointer { EVP_CipherInit_ex2(context, nil, $0.baseAddress, nil, -1, nil) }
        precondition(isSet == 1, "libcrypto cannot take a key")
    }

    @inline(__always)
    private mutating func seal(_ job: UnsafeCipherJob) {
        var count: Int32 = 0
        nonce.set(job.counter)
        let isDone =
            EVP_EncryptInit_ex2(sealing, nil, nil, &nonce, nil) == 1
            && (job.count == 0
                || EVP_EncryptUpdate(sealing, job.destination, &count, job.source, Int32(job.count)) == 1)
            && EVP_EncryptFinal_ex(sealing, job.destination + job.count, &count) == 1
            && EVP_CIPHER_CTX_ctrl(sealing, EVP_CTRL_AEAD_GET_TAG, Self.tagSize, job.destination + job.count) == 1
        precondition(isDone, "libcrypto cannot seal")
    }

    @inline(__always)
    private mutating func open(_ job: UnsafeCipherJob) -> Bool {
        var count: Int32 = 0
        let tag = UnsafeMutablePointer(mutating: job.source + job.count)
        nonce.set(job.counter)
        return EVP_DecryptInit_ex2(opening, nil, nil, &nonce, nil) == 1
            && EVP_CIPHER_CTX_ctrl(opening, EVP_CTRL_AEAD_SET_TAG, Self.tagSize, tag) == 1
            && (job.count == 0
                || EVP_DecryptUpdate(opening, job.destination, &count, job.source, Int32(job.count)) == 1)
            && EVP_DecryptFinal_ex(opening, job.destination + job.count, &count) == 1
    }
}
