import Glibc
import TestSupport
import Testing
import WireGuardKeys

@Suite("PublicKey")
struct PublicKeyTests {
    @Test("orders as memcmp does, and is equal where it says so")
    func orders() {
        var random = SeededRandom(8)
        for _ in Rounds.usual(2000) {
            let left = random.bytes(32)
            var right = left
            for _ in 0..<random.below(3) { right[random.below(32)] = random.byte() }
            let (leftKey, rightKey) = (PublicKey(raw: left.span)!, PublicKey(raw: right.span)!)
            let order = memcmp(left, right, 32)
            #expect((leftKey < rightKey) == (order < 0))
            #expect((rightKey < leftKey) == (order > 0))
            #expect((leftKey == rightKey) == (order == 0))
            #expect(order != 0 || leftKey.hashValue == rightKey.hashValue)
        }
    }

    @Test("its prefix is the first eight bytes as a number")
    func prefix() {
        let bytes = (1...32).map { UInt8($0) }
        let key = PublicKey(raw: bytes.span)
        #expect(key?.prefix == 0x0102_0304_0506_0708)
    }

    @Test("is 32 bytes, and keeps them")
    func raw() {
        for count in 0...40 {
            let bytes = (0..<count).map { UInt8($0) }
            let (publicKey, privateKey) = (PublicKey(raw: bytes.span), PrivateKey(raw: bytes.span))
            #expect(publicKey?.raw == (count == 32 ? bytes : nil))
            #expect(privateKey?.raw == (count == 32 ? bytes : nil))
        }
    }
}
