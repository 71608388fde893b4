package import ByteText

/// A Curve25519 public key: the name by which WireGuard knows a peer.
package struct PublicKey: Sendable {
    package let bytes: KeyBytes

    package init(bytes: KeyBytes) { self.bytes = bytes }

    /// Nil unless `text` is 44 characters of canonical base64.
    package init?(base64 text: Span<UInt8>) {
        guard let bytes = PublicKeyText.decode(base64: text) else { return nil }
        self.bytes = bytes
    }

    /// Nil unless `text` is 64 hex digits.
    package init?(hex text: Span<UInt8>) {
        guard let bytes = PublicKeyText.decode(hex: text) else { return nil }
        self.bytes = bytes
    }

    /// Nil unless `raw` is 32 bytes.
    package init?(raw: Span<UInt8>) {
        guard raw.count == 32 else { return nil }
        bytes = KeyBytes { raw[$0] }
    }

    package func appendBase64(to text: inout ByteBuffer) { PublicKeyText.append(base64: bytes, to: &text) }

    package func appendHex(to text: inout ByteBuffer) { PublicKeyText.append(hex: bytes, to: &text) }

    /// Little-endian words, for comparing and hashing: public keys are no secret and need no constant time.
    private func word(_ index: Int) -> UInt64 {
        bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
    }
}

extension PublicKey: Hashable {
    package static func == (left: PublicKey, right: PublicKey) -> Bool {
        left.word(0) == right.word(0) && left.word(1) == right.word(1) && left.word(2) == right.word(2)
            && left.word(3) == right.word(3)
    }

    package func hash(into hasher: inout Hasher) {
        for index in 0..<4 { hasher.combine(word(index)) }
    }
}

extension PublicKey: Comparable {
    /// By bytes, first one first, as memcmp orders.
    package static func < (left: PublicKey, right: PublicKey) -> Bool {
        for index in 0..<4 where left.word(index) != right.word(index) {
            return left.word(index).bigEndian < right.word(index).bigEndian
        }
        return false
    }

    /// The first eight bytes as a number that orders as they do.
    package var prefix: UInt64 { word(0).bigEndian }
}
