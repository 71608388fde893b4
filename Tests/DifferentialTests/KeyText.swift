/// Base64 and hex as the format and the protocol have them.
enum KeyText {
    static let nearMisses = [
        "", "off", "(none)", "(hidden)", "/dev/null", "=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=A",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", "----------------------------------------___=",
        "0000000000000000000000000000000000000000000000000000000000000000",
    ]

    private static let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".bytes

    static func base64(_ key: [UInt8]) -> [UInt8] {
        var characters: [UInt8] = []
        var (bits, count): (Int, Int) = (0, 0)
        // Two more bits of zero, so that 32 bytes come to 43 characters.
        for byte in key + [0] {
            (bits, count) = ((bits << 8 | Int(byte)) & 0xffff, count + 8)
            while count >= 6, characters.count < 43 {
                count -= 6
                characters.append(alphabet[bits >> count & 0x3f])
            }
        }
        return characters + "=".bytes
    }

    static func hex(_ key: [UInt8]) -> [UInt8] {
        key.flatMap { [$0 >> 4, $0 & 15].map { "0123456789abcdef".bytes[Int($0)] } }
    }

    /// Nil for anything but 44 characters of base64.
    static func bytes(_ base64: some Collection<UInt8>) -> [UInt8]? {
        guard base64.count == 44 else { return nil }
        var bytes: [UInt8] = []
        var (bits, count) = (0, 0)
        for character in base64.dropLast() {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            (bits, count) = ((bits << 6 | value) & 0xffff, count + 6)
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(bits >> count & 0xff))
            }
        }
        return bytes
    }

    static func isBase64(_ byte: UInt8) -> Bool { alphabet.contains(byte) }
}
