internal import CSodium
package import WireGuardKeys

/// The AEAD of cookie replies (draft-irtf-cfrg-xchacha): its nonces are long enough to be random.
package enum XChaCha20Poly1305 {
    static let tagSize = 16

    package typealias Nonce = InlineArray<24, UInt8>

    /// `sealed` has room for the plaintext and 16 bytes more.
    package static func seal(
        _ plaintext: Span<UInt8>, key: KeyBytes, nonce: Nonce, authenticating data: Span<UInt8>,
        into sealed: inout MutableSpan<UInt8>
    ) {
        precondition(sealed.count == plaintext.count + tagSize)
        sealed.withUnsafeMutableBufferPointer { sealed in
            plaintext.withUnsafeBufferPointer { plaintext in
                data.withUnsafeBufferPointer { data in
                    withBytes(key, nonce) { key, nonce in
                        _ = crypto_aead_xchacha20poly1305_ietf_encrypt(
                            sealed.baseAddress!, nil, plaintext.baseAddress, UInt64(plaintext.count), data.baseAddress,
                            UInt64(data.count), nil, nonce, key)
                    }
                }
            }
        }
    }

    /// False, with nothing in `plaintext`, if the tag is wrong. `plaintext` is 16 bytes shorter than `sealed`.
    package static func open(
        _ sealed: Span<UInt8>, key: KeyBytes, nonce: Nonce, authenticating data: Span<UInt8>,
        into plaintext: inout MutableSpan<UInt8>
    ) -> Bool {
        precondition(sealed.count == plaintext.count + tagSize)
        return plaintext.withUnsafeMutableBufferPointer { plaintext in
            sealed.withUnsafeBufferPointer { sealed in
                data.withUnsafeBufferPointer { data in
                    withBytes(key, nonce) { key, nonce in
                        crypto_aead_xchacha20poly1305_ietf_decrypt(
                            plaintext.baseAddress, nil, nil, sealed.baseAddress!, UInt64(sealed.count),
                            data.baseAddress,
                            UInt64(data.count), nonce, key) == 0
                    }
                }
            }
        }
    }

    private static func withBytes<Result>(
        _ key: KeyBytes, _ nonce: Nonce, _ body: (UnsafePointer<UInt8>, UnsafePointer<UInt8>) -> Result
    ) -> Result {
        key.span.withUnsafeBufferPointer { key in
            nonce.span.withUnsafeBufferPointer { nonce in body(key.baseAddress!, nonce.baseAddress!) }
        }
    }
}
