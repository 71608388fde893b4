package import ByteText
internal import CSodium

/// 32 secret bytes that stay at one place in memory: copies of the reference share them, and they are
/// zeroed when the last one lets go.
package final class SecretBytes: Sendable {
    /// Written by the initialiser and the deinitialiser only.
    nonisolated(unsafe) private var bytes = KeyBytes(repeating: 0)

    /// Takes the bytes that `fill` writes in place; nil when it says that it could not.
    package init?(filledBy fill: (inout KeyBytes) -> Bool) {
        guard fill(&bytes) else { return nil }
    }

    deinit { sodium_memzero(&bytes, 32) }

    package func withBytes<R>(_ body: (borrowing KeyBytes) -> R) -> R { body(bytes) }

    /// Whether every byte is zero, found out in constant time.
    package var isZero: Bool {
        withBytes { bytes in bytes.span.withUnsafeBufferPointer { sodium_is_zero($0.baseAddress!, 32) == 1 } }
    }
}

/// What private and preshared keys have in common: their bytes are secret, their texts alike.
package protocol SecretKey: Sendable, Equatable {
    var secret: SecretBytes { get }
    init(secret: SecretBytes)
}

extension SecretKey {
    /// Nil unless `text` is 44 characters of canonical base64.
    package init?(base64 text: Span<UInt8>) {
        guard let secret = SecretBytes(filledBy: { KeyText.decode(base64: text, into: &$0) }) else { return nil }
        self.init(secret: secret)
    }

    /// Nil unless `text` is 64 hex digits.
    package init?(hex text: Span<UInt8>) {
        guard let secret = SecretBytes(filledBy: { KeyText.decode(hex: text, into: &$0) }) else { return nil }
        self.init(secret: secret)
    }

    /// Nil unless `raw` is 32 bytes.
    package init?(raw: Span<UInt8>) {
        guard raw.count == 32 else { return nil }
        let secret = SecretBytes { bytes in
            for index in raw.indices { bytes[index] = raw[index] }
            return true
        }
        self.init(secret: secret!)
    }

    /// 32 bytes from the kernel's generator.
    package static func randomSecret() -> SecretBytes {
        SecretBytes { bytes in
            precondition(sodium_init() >= 0, "libsodium cannot start")
            randombytes_buf(&bytes, 32)
            return true
        }!
    }

    package func appendBase64(to text: inout ByteBuffer) { secret.withBytes { KeyText.append(base64: $0, to: &text) } }

    package func appendHex(to text: inout ByteBuffer) { secret.withBytes { KeyText.append(hex: $0, to: &text) } }

    package func appendRaw(to buffer: inout ByteBuffer) { secret.withBytes { buffer.append($0.span) } }

    package var isZero: Bool { secret.isZero }

    /// Compared in constant time.
    package static func == (left: Self, right: Self) -> Bool {
        left.secret.withBytes { left in
            right.secret.withBytes { right in
                left.span.withUnsafeBufferPointer { left in
                    right.span.withUnsafeBufferPointer { sodium_memcmp(left.baseAddress!, $0.baseAddress!, 32) == 0 }
                }
            }
        }
    }
}
