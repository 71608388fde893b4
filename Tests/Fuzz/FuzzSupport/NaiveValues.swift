internal import ByteText
internal import Glibc

/// How the fields are read, said once more in the plainest way, to hold the program's readers against.
package enum Naive {
    /// Why a value is refused: the beginning of the message.
    package struct Refusal: Error {
        package let message: String

        package init(message: String) { self.message = message }
    }

    package static func isSpace(_ byte: UInt8) -> Bool { [9, 10, 11, 12, 13, 32].contains(byte) }

    package static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    package static func isWord(_ bytes: [UInt8], _ word: String) -> Bool {
        text(bytes.map { 0x41...0x5a ~= $0 ? $0 + 0x20 : $0 }) == word
    }

    package static func number(_ bytes: [UInt8], upTo largest: UInt64) -> UInt64? {
        guard !bytes.isEmpty, bytes.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
        let digits = bytes.drop { $0 == 0x30 }
        guard let number = digits.isEmpty ? 0 : UInt64(text(Array(digits))) else { return nil }
        return number <= largest ? number : nil
    }

    /// The key in hex.
    package static func key(_ bytes: [UInt8]) throws(Refusal) -> String {
        guard let key = decode(base64: bytes) else {
            throw Refusal(message: "Key is not the correct length or format")
        }
        return hex(key)
    }

    package static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func decode(base64 bytes: [UInt8]) -> [UInt8]? {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        guard bytes.count == 44, bytes[43] == UInt8(ascii: "=") else { return nil }
        var bits: [Bool] = []
        for byte in bytes.dropLast() {
            guard let value = alphabet.firstIndex(of: byte) else { return nil }
            for shift in [5, 4, 3, 2, 1, 0] { bits.append(value >> shift & 1 == 1) }
        }
        guard bits.suffix(2) == [false, false] else { return nil }
        return (0..<32).map { place in
            bits[(place * 8)..<(place * 8 + 8)].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
        }
    }

    package static func listenPort(_ bytes: [UInt8]) throws(Refusal) -> UInt64 {
        if bytes.isEmpty { throw Refusal(message: "Unable to parse empty port") }
        if let port = number(bytes, upTo: 65535) { return port }
        guard text(bytes) == "domain" else { throw Refusal(message: "Servname not supported for ai_socktype") }
        return 53
    }

    package static func fwmark(_ bytes: [UInt8]) throws(Refusal) -> UInt64 {
        if isWord(bytes, "off") { return 0 }
        if let mark = number(bytes, upTo: 0xffff_ffff) { return mark }
        let digits = text(Array(bytes.dropFirst(2)))
        let isHex = digits.utf8.allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
        guard bytes.starts(with: Array("0x".utf8)), isHex, !digits.isEmpty,
            let mark = UInt64(String(repeating: "0", count: 16) + digits, radix: 16), mark <= 0xffff_ffff
        else { throw Refusal(message: "Fwmark is neither 0/off nor 0-0xffffffff") }
        return mark
    }

    package static func persistentKeepalive(_ bytes: [UInt8]) throws(Refusal) -> UInt64 {
        if isWord(bytes, "off") { return 0 }
        guard let seconds = number(bytes, upTo: 65535) else {
            throw Refusal(message: "Persistent keepalive interval is neither 0/off nor 1-65535")
        }
        return seconds
    }

    /// The endpoint as it is sent.
    package static func endpoint(_ bytes: [UInt8]) throws(Refusal) -> String {
        if bytes.isEmpty { throw Refusal(message: "Unable to parse empty endpoint") }
        let (host, port) = try hostAndPort(bytes)
        if let number = number(port, upTo: 65535), let address = address(host) {
            return "\(address.inBrackets):\(number)"
        }
        guard let found = FakeSources.find(host: ByteString(host), port: ByteString(port)) else {
            throw Refusal(message: "Name or service not known")
        }
        return String { found.append(to: &$0) }
    }

    private static func hostAndPort(_ bytes: [UInt8]) throws(Refusal) -> (host: [UInt8], port: [UInt8]) {
        var colon = bytes.lastIndex(of: UInt8(ascii: ":"))
        var host = bytes[..<(colon ?? 0)]
        if bytes[0] == UInt8(ascii: "[") {
            guard let brace = bytes.firstIndex(of: UInt8(ascii: "]")) else {
                throw Refusal(message: "Unable to find matching brace of endpoint")
            }
            host = bytes[1..<brace]
            colon = bytes[(brace + 1)...].first == UInt8(ascii: ":") ? brace + 1 : nil
        }
        guard let colon, colon + 1 < bytes.count else {
            throw Refusal(message: "Unable to find port of endpoint")
        }
        return (Array(host), Array(bytes[(colon + 1)...]))
    }
}

/// An address as the C library reads and writes it.
package struct NaiveAddress {
    package let text: String
    package let bytes: [UInt8]

    package var bits: UInt64 { UInt64(bytes.count * 8) }

    package var inBrackets: String { bytes.count == 16 ? "[\(text)]" : text }
}

extension Naive {
    package static func address(_ bytes: [UInt8]) -> NaiveAddress? {
        guard !bytes.contains(0) else { return nil }
        let family = bytes.contains(UInt8(ascii: ":")) ? AF_INET6 : AF_INET
        var raw = [UInt8](repeating: 0, count: family == AF_INET6 ? 16 : 4)
        let characters = bytes.map { CChar(bitPattern: $0) } + [0]
        return inet_pton(family, characters, &raw) == 1 ? address(network: raw) : nil
    }

    /// Of 4 or 16 bytes in network order.
    package static func address(network bytes: [UInt8]) -> NaiveAddress? {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var text = [CChar](repeating: 0, count: 64)
        inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, 64)
        return NaiveAddress(text: String(cString: &text), bytes: bytes)
    }
}
