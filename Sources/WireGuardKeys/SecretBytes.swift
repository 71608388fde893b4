package import ByteText
internal import CSodium

/// 32 secret bytes that stay at one place in memory: copies of the reference share them, and they are
/// zeroed when the last one lets go.
///
/// The bytes are read through pointers only (`span`). Passed by value they would be copied through registers to the
/// stacks of threads, and stay there.
package final class SecretBytes: Sendable {
    /// Allocated memory instead of a stored property, of which the optimizer makes copies. Only the initialiser and the
    /// deinitialiser write it.
    nonisolated(unsafe) private let memory: UnsafeMutablePointer<KeyBytes>

    /// Takes the bytes that `fill` writes in place; nil when it says that it could not.
    package init?(filledBy fill: (inout KeyBytes) -> Bool) {
        memory = .allocate(capacity: 1)
        memory.initialize(to: KeyBytes(repeating: 0))
        guard fill(&memory.pointee) else { return nil }
    }

    /// Copies bytes that are a secret elsewhere too.
    package convenience init(copying bytes: Span<UInt8>) {
        precondition(bytes.count == 32)
        self.init { copy in
            bytes.withUnsafeBufferPointer { bytes in
                withUnsafeMutableBytes(of: &copy) { $0.copyMemory(from: UnsafeRawBufferPointer(bytes)) }
            }
            return true
        }!
    }

    deinit {
        sodium_memzero(memory, 32)
        memory.deallocate()
    }

    package var span: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let start = UnsafeRawPointer(memory).assumingMemoryBound(to: UInt8.self)
            return _overrideLifetime(Span(_unsafeStart: start, count: 32), borrowing: self)
        }
    }

    /// Whether every byte is zero, tested in constant time.
    package var isZero: Bool { span.withUnsafeBufferPointer { sodium_is_zero($0.baseAddress!, 32) == 1 } }
}

extension SecretBytes: CustomReflectable {
    /// Hides the bytes from `dump` and debuggers.
    package var customMirror: Mirror { Mirror(self, children: []) }
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
        self.init(secret: SecretBytes(copying: raw))
    }

    /// 32 bytes from the kernel's generator.
    package static func randomSecret() -> SecretBytes {
        SecretBytes { bytes in
            precondition(sodium_init() >= 0, "libsodium cannot start")
            randombytes_buf(&bytes, 32)
            return true
        }!
    }

    package func appendBase64(to text: inout ByteBuffer) { KeyText.append(base64: secret.span, to: &text) }

    package func appendHex(to text: inout ByteBuffer) { KeyText.append(hex: secret.span, to: &text) }

    package func appendRaw(to buffer: inout ByteBuffer) { buffer.append(secret.span) }

    package var isZero: Bool { secret.isZero }

    /// Compared in constant time.
    package static func == (left: Self, right: Self) -> Bool {
        left.secret.span.withUnsafeBufferPointer { left in
            right.secret.span.withUnsafeBufferPointer { sodium_memcmp(left.baseAddress!, $0.baseAddress!, 32) == 0 }
        }
    }
}
