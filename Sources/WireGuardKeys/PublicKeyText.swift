internal import ByteText

/// The texts of public keys, by table look-ups.
///
/// They are no secret, so that the time that this takes may depend on them; and they are most of what is
/// read and written of a large device, where libsodium's constant-time codecs took a fifth of all time.
enum PublicKeyText {
    private static let base64Alphabet: StaticString =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    private static let hexAlphabet: StaticString = "0123456789abcdef"
    private static let base64Values = values(of: base64Alphabet)
    private static let hexValues = values(of: hexAlphabet, "0123456789ABCDEF")
    private static let noValue: UInt8 = 0xff

    /// What each character stands for.
    private static func values(of alphabets: StaticString...) -> InlineArray<256, UInt8> {
        var values = InlineArray<256, UInt8>(repeating: noValue)
        for alphabet in alphabets {
            for value in 0..<alphabet.utf8CodeUnitCount { values[Int(alphabet.utf8Start[value])] = UInt8(value) }
        }
        return values
    }

    /// Nil unless `text` is 64 hex digits.
    static func decode(hex text: Span<UInt8>) -> KeyBytes? {
        guard text.count == KeyText.hexLength else { return nil }
        let values = hexValues.span
        var bytes = KeyBytes(repeating: 0)
        var seen: UInt8 = 0
        for index in 0..<32 {
            let high = values[Int(text[index * 2])]
            let low = values[Int(text[index * 2 + 1])]
            seen |= high | low
            bytes[index] = high << 4 | low & 15
        }
        // Values are below 16 but for the one that stands for none.
        return seen < 16 ? bytes : nil
    }

    /// Nil unless `text` is the one canonical base64 of 32 bytes: 43 characters, of which the last carries
    /// four bits only, and a padding.
    static func decode(base64 text: Span<UInt8>) -> KeyBytes? {
        guard text.count == KeyText.base64Length, text[43] == ASCII.equals else { return nil }
        let values = base64Values.span
        var bytes = KeyBytes(repeating: 0)
        var seen: UInt8 = 0
        var bits: UInt32 = 0
        for index in 0..<43 {
            let value = values[Int(text[index])]
            seen |= value
            bits = bits << 6 | UInt32(value & 63)
            // Every four characters end three bytes; the second, third and fourth each complete one.
            let place = index % 4
            if place > 0 { bytes[index / 4 * 3 + place - 1] = UInt8(truncatingIfNeeded: bits >> UInt32(6 - 2 * place)) }
        }
        return seen < 64 && bits & 3 == 0 ? bytes : nil
    }

    static func append(hex bytes: KeyBytes, to text: inout ByteBuffer) {
        text.append(room: KeyText.hexLength) { free in
            for index in 0..<32 {
                free[index * 2] = hexAlphabet.utf8Start[Int(bytes[index] >> 4)]
                free[index * 2 + 1] = hexAlphabet.utf8Start[Int(bytes[index] & 15)]
            }
            return KeyText.hexLength
        }
    }

    static func append(base64 bytes: KeyBytes, to text: inout ByteBuffer) {
        text.append(room: KeyText.base64Length) { free in
            for group in 0..<11 {
                let first = UInt32(bytes[group * 3]) << 16 | UInt32(bytes[group * 3 + 1]) << 8
                let bits = group < 10 ? first | UInt32(bytes[group * 3 + 2]) : first
                for place in 0..<4 {
                    let value = bits >> UInt32(18 - 6 * place) & 63
                    free[group * 4 + place] = base64Alphabet.utf8Start[Int(value)]
                }
            }
            free[43] = ASCII.equals
            return KeyText.base64Length
        }
    }
}
