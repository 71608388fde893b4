import ByteText
import Glibc
import TestSupport
import Testing

/// Every byte, against C's functions in the "C" locale, in which a program starts.
@Suite("ASCII classes")
struct ASCIITests {
    private let bytes = (0...255).map { UInt8($0) }

    @Test func spaces() { check(ASCII.isSpace) { isspace($0) } }

    @Test func digits() { check(ASCII.isDigit) { isdigit($0) } }

    @Test func hexDigits() {
        func isHexDigit(_ byte: UInt8) -> Bool { ASCII.hexDigit(byte) != nil }
        check(isHexDigit) { isxdigit($0) }
        for byte in bytes {
            let value = isxdigit(CInt(byte)) == 0 ? nil : strtoul(String(UnicodeScalar(byte)), nil, 16)
            #expect(ASCII.hexDigit(byte).map { UInt($0) } == value, "\(byte)")
        }
    }

    @Test func smallLetters() {
        for byte in bytes { #expect(CInt(ASCII.lowercased(byte)) == tolower(CInt(byte)), "\(byte)") }
    }

    @Test("base64's 64 characters and its padding")
    func base64() {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=".bytes
        check(ASCII.isBase64) { alphabet.contains(UInt8($0)) ? 1 : 0 }
    }

    @Test func characters() {
        let ours = [
            ASCII.tab, ASCII.newline, ASCII.space, ASCII.comma, ASCII.slash, ASCII.colon, ASCII.equals, ASCII.plus,
            ASCII.minus,
        ]
        #expect(ours == "\t\n ,/:=+-".bytes)
    }

    private func check(_ ours: (UInt8) -> Bool, _ theirs: (CInt) -> CInt) {
        #expect(bytes.filter(ours) == bytes.filter { theirs(CInt($0)) != 0 })
    }
}
