internal import ByteText
internal import CSodium

/// A key's bytes, in the order of RFC 7748.
package typealias KeyBytes = InlineArray<32, UInt8>

/// The two textual forms of a key: 44 characters of base64, 64 of hex. libsodium's codecs take the
/// same time whatever the bytes.
enum KeyText {
    static let base64Length = 44
    static let hexLength = 64

    /// False, with `bytes` undefined, unless the whole text is canonical base64 of 32 bytes.
    static func decode(base64 text: Span<UInt8>, into bytes: inout KeyBytes) -> Bool {
        guard text.count == base64Length, isASCII(text) else { return false }
        return withCharacters(text) { characters in
            var count = 0
            return sodium_base642bin(
                &bytes, 32, characters, base64Length, nil, &count, nil, sodium_base64_VARIANT_ORIGINAL) == 0
                && count == 32
        }
    }

    /// libsodium takes some letters that are not ASCII for base64. Looks at all of them, whatever they are.
    private static func isASCII(_ text: Span<UInt8>) -> Bool {
        var union: UInt8 = 0
        for index in text.indices { union |= text[index] }
        return union < 0x80
    }

    /// False, with `bytes` undefined, unless the whole text is 64 hex digits, small or capital.
    static func decode(hex text: Span<UInt8>, into bytes: inout KeyBytes) -> Bool {
        guard text.count == hexLength else { return false }
        return withCharacters(text) { characters in
            var count = 0
            return sodium_hex2bin(&bytes, 32, characters, hexLength, nil, &count, nil) == 0 && count == 32
        }
    }

    static func append(base64 bytes: Span<UInt8>, to text: inout ByteBuffer) {
        append(base64Length, of: bytes, to: &text) { characters, capacity, key in
            sodium_bin2base64(characters, capacity, key, 32, sodium_base64_VARIANT_ORIGINAL)
        }
    }

    static func append(hex bytes: Span<UInt8>, to text: inout ByteBuffer) {
        append(hexLength, of: bytes, to: &text) { characters, capacity, key in
            sodium_bin2hex(characters, capacity, key, 32)
        }
    }

    /// Both encoders end their text with a NUL, which wants room and is then left out.
    private static func append(
        _ length: Int, of bytes: Span<UInt8>, to text: inout ByteBuffer,
        encode: (UnsafeMutablePointer<CChar>, Int, UnsafePointer<UInt8>) -> UnsafeMutablePointer<CChar>?
    ) {
        bytes.withUnsafeBufferPointer { key in
            text.append(room: length + 1) { free in
                free.withMemoryRebound(to: CChar.self) { characters in
                    _ = encode(characters.baseAddress!, length + 1, key.baseAddress!)
                }
                return length
            }
        }
    }

    private static func withCharacters(_ text: Span<UInt8>, _ body: (UnsafePointer<CChar>) -> Bool) -> Bool {
        text.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { body($0.baseAddress!) }
        }
    }
}
