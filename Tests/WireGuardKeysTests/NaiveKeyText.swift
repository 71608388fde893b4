import CSodium
import TestSupport

/// The texts of keys bit by bit, and as libsodium has them.
enum NaiveKeyText {
    static let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".bytes

    static func decode(base64 text: [UInt8]) -> [UInt8]? {
        guard text.count == 44, text[43] == UInt8(ascii: "=") else { return nil }
        var bits: [UInt8] = []
        for character in text.dropLast() {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            bits += (0..<6).reversed().map { UInt8(value >> $0 & 1) }
        }
        // 43 times 6 is 258: two more than a key has.
        guard bits[256...] == [0, 0] else { return nil }
        return (0..<32).map { byte in bits[(byte * 8)..<(byte * 8 + 8)].reduce(0) { $0 << 1 | $1 } }
    }

    static func decode(hex text: [UInt8]) -> [UInt8]? {
        guard text.count == 64 else { return nil }
        let values = text.map { "0123456789abcdefABCDEF".bytes.firstIndex(of: $0) }
        guard !values.contains(nil) else { return nil }
        let digits = values.map { UInt8($0! > 15 ? $0! - 6 : $0!) }
        return (0..<32).map { digits[$0 * 2] << 4 | digits[$0 * 2 + 1] }
    }
}

/// libsodium's own codecs. That of base64 takes a few letters beyond ASCII for others, which the callers leave out.
enum Sodium {
    static func decode(base64 text: [UInt8]) -> [UInt8]? {
        decode(text) { sodium_base642bin($0, 32, $1, text.count, nil, $2, nil, sodium_base64_VARIANT_ORIGINAL) }
    }

    static func decode(hex text: [UInt8]) -> [UInt8]? {
        decode(text) { sodium_hex2bin($0, 32, $1, text.count, nil, $2, nil) }
    }

    static func base64(_ key: [UInt8]) -> [UInt8] {
        encode(44) { sodium_bin2base64($0, 45, key, 32, sodium_base64_VARIANT_ORIGINAL) }
    }

    static func hex(_ key: [UInt8]) -> [UInt8] { encode(64) { sodium_bin2hex($0, 65, key, 32) } }

    private static func decode(
        _ text: [UInt8], _ body: (UnsafeMutablePointer<UInt8>, UnsafePointer<CChar>, UnsafeMutablePointer<Int>) -> CInt
    ) -> [UInt8]? {
        var key = [UInt8](repeating: 0, count: 32)
        var count = 0
        let characters = text.map { CChar(bitPattern: $0) } + [0]
        return body(&key, characters, &count) == 0 && count == 32 ? key : nil
    }

    private static func encode(
        _ length: Int, _ body: (UnsafeMutablePointer<CChar>) -> UnsafeMutablePointer<CChar>?
    ) -> [UInt8] {
        var characters = [CChar](repeating: 0, count: length + 1)
        _ = body(&characters)
        return characters.dropLast().map { UInt8(bitPattern: $0) }
    }
}
