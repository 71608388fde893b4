internal import COpenSSL
package import WireGuardKeys

/// The AEAD of handshake messages (RFC 8439). Each key there seals one thing only, so that the counter is
/// always 0 (the paper's section 5.4).
package enum ChaCha20Poly1305 {
    package typealias Nonce = InlineArray<12, UInt8>

    static let tagSize = 16
    package static let firstNonce = Nonce(repeating: 0)

    /// `sealed` has room for the plaintext and 16 bytes more.
    package static func seal(
        _ plaintext: Span<UInt8>, key: SecretBytes, nonce: Nonce = firstNonce, authenticating data: Span<UInt8>,
        into sealed: inout MutableSpan<UInt8>
    ) {
        precondition(sealed.count == plaintext.count + tagSize)
        let context = Context(key: key, nonce: nonce, seals: true)
        let isDone = sealed.withUnsafeMutableBufferPointer { sealed in
            let start = sealed.baseAddress!
            return context.authenticate(data) && context.update(plaintext, into: start) && context.finish()
                && context.getTag(start + plaintext.count)
        }
        precondition(isDone, "libcrypto cannot compute ChaCha20-Poly1305")
    }

    /// False, with nothing in `plaintext`, if the tag is wrong. `plaintext` is 16 bytes shorter than `sealed`.
    package static func open(
        _ sealed: Span<UInt8>, key: SecretBytes, nonce: Nonce = firstNonce, authenticating data: Span<UInt8>,
        into plaintext: inout MutableSpan<UInt8>
    ) -> Bool {
        precondition(sealed.count == plaintext.count + tagSize)
        let context = Context(key: key, nonce: nonce, seals: false)
        let isAuthentic = plaintext.withUnsafeMutableBufferPointer { plaintext in
            context.setTag(sealed.extracting(last: tagSize)) && context.authenticate(data)
                && context.update(sealed.extracting(droppingLast: tagSize), into: plaintext.baseAddress)
                && context.finish()
        }
        if !isAuthentic { plaintext.update(repeating: 0) }
        return isAuthentic
    }

    /// A context of libcrypto's, which forgets the key when it goes.
    private struct Context: ~Copyable {
        private let context = EVP_CIPHER_CTX_new()

        init(key: SecretBytes, nonce: Nonce, seals: Bool) {
            let isReady = key.span.withUnsafeBufferPointer { key in
                nonce.span.withUnsafeBufferPointer { nonce in
                    EVP_CipherInit_ex2(
                        context, Algorithms.chaCha20Poly1305, key.baseAddress, nonce.baseAddress, seals ? 1 : 0, nil)
                }
            }
            precondition(isReady == 1, "libcrypto cannot compute ChaCha20-Poly1305")
        }

        deinit { EVP_CIPHER_CTX_free(context) }

        func authenticate(_ data: Span<UInt8>) -> Bool { update(data, into: nil) }

        func update(_ bytes: Span<UInt8>, into output: UnsafeMutablePointer<UInt8>?) -> Bool {
            guard !bytes.isEmpty else { return true }
            var count: Int32 = 0
            return bytes.withUnsafeBufferPointer {
                EVP_CipherUpdate(context, output, &count, $0.baseAddress, Int32($0.count)) == 1
            }
        }

        func finish() -> Bool {
            var nothing: UInt8 = 0
            var count: Int32 = 0
            return EVP_CipherFinal_ex(context, &nothing, &count) == 1
        }

        func getTag(_ tag: UnsafeMutablePointer<UInt8>) -> Bool {
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagSize), tag) == 1
        }

        func setTag(_ tag: Span<UInt8>) -> Bool {
            tag.withUnsafeBufferPointer {
                EVP_CIPHER_CTX_ctrl(
                    context, EVP_CTRL_AEAD_SET_TAG, Int32(tagSize), UnsafeMutablePointer(mutating: $0.baseAddress)) == 1
            }
        }
    }
}
