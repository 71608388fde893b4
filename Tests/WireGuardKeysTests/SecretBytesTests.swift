import ByteText
import TestSupport
import Testing
import WireGuardKeys

@Suite("Secret keys")
struct SecretBytesTests {
    @Test("are equal when every bit is")
    func equality() {
        let bytes = SeededRandom.key(9)
        let (key, same) = (PresharedKey(raw: bytes.span)!, PresharedKey(raw: bytes.span)!)
        #expect(key == same)
        for bit in 0..<256 {
            var other = bytes
            other[bit / 8] ^= 1 << UInt8(bit % 8)
            let otherKey = PresharedKey(raw: other.span)!
            #expect(key != otherKey, "bit \(bit)")
        }
    }

    @Test("are zero when every bit is")
    func isZero() {
        let zeros = [UInt8](repeating: 0, count: 32)
        let zeroKey = PrivateKey(raw: zeros.span)!
        #expect(zeroKey.isZero)
        for bit in 0..<256 {
            var bytes = zeros
            bytes[bit / 8] = 1 << UInt8(bit % 8)
            let key = PrivateKey(raw: bytes.span)!
            #expect(!key.isZero, "bit \(bit)")
        }
    }

    @Test("are none where the filling fails")
    func failedFilling() {
        #expect(SecretBytes { _ in false } == nil)
    }

    @Test("are shared by copies")
    func copies() {
        let key = PrivateKey.generate()
        let copy = key
        #expect(key.secret === copy.secret)
    }

    @Test("do not show when they are printed")
    func description() {
        let bytes = [UInt8](repeating: 7, count: 32)
        let key = PrivateKey(raw: bytes.span)!
        for text in ["\(key)", String(reflecting: key)] {
            #expect(!text.contains("7, 7") && !text.contains("BwcH") && !text.contains("0707"), "\(text)")
        }
    }

    @Test("dumping a key shows no more")
    func dumping() {
        let bytes = [UInt8](repeating: 7, count: 32)
        let key = PrivateKey(raw: bytes.span)!
        var text = ""
        dump(key, to: &text)
        #expect(!text.contains("7"), "\(text)")
    }

    @Test("are read where they are: no copy is made on the way to a cipher")
    func span() {
        let secret = SecretBytes(copying: [UInt8](repeating: 3, count: 32).span)
        let first = secret.span.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        let second = secret.span.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        let start = secret.span.withUnsafeBytes { Array($0) }
        #expect(first == second)
        #expect(start == [UInt8](repeating: 3, count: 32))
    }

    @Test("leave nothing behind", .enabled(if: FreedMemory.canBeSeen))
    func released() {
        let pattern: [UInt8] = [0xab, 0xcd, 0xef, 0x12]
        // The key is in memory allocated for it.
        let shows = FreedMemory.shows(pattern, size: 32) {
            let secret = SecretBytes { bytes in
                for index in 0..<32 { bytes[index] = pattern[index % 4] }
                return true
            }
            withExtendedLifetime(secret) {}
        }
        #expect(!shows)
    }
}
