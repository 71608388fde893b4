import TestSupport
import Testing
import WireGuardKeys

@Suite("Generated keys")
struct GenerationTests {
    @Test("private keys are clamped, and otherwise any")
    func privateKeys() {
        let keys = (0..<200).map { _ in PrivateKey.generate().raw }
        for key in keys {
            #expect(key[0] & 7 == 0)
            #expect(key[31] & 0xc0 == 0x40)
        }
        var free = [UInt8](repeating: 0xff, count: 32)
        (free[0], free[31]) = (0xf8, 0x3f)
        #expect(Self.bitsThatVary(in: keys) == free)
    }

    @Test("preshared keys are any bits")
    func presharedKeys() {
        let keys = (0..<200).map { _ in PresharedKey.generate().raw }
        #expect(Self.bitsThatVary(in: keys) == [UInt8](repeating: 0xff, count: 32))
    }

    @Test("no two are alike")
    func differ() {
        #expect(Set((0..<200).map { _ in PrivateKey.generate().raw }).count == 200)
        #expect(Set((0..<200).map { _ in PresharedKey.generate().raw }).count == 200)
        #expect(PrivateKey.generate() != PrivateKey.generate())
        #expect(PrivateKey.generate().publicKey != PrivateKey.generate().publicKey)
    }

    private static func bitsThatVary(in keys: [[UInt8]]) -> [UInt8] {
        (0..<32).map { place in
            keys.reduce(0) { $0 | $1[place] } & ~keys.reduce(0xff) { $0 & $1[place] }
        }
    }
}
