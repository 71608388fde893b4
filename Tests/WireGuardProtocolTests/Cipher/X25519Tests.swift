import TestSupport
import Testing
import WireGuardKeys
import WireGuardProtocol

@Suite("X25519", .serialized)
struct X25519Tests {
    /// libsodium's, and our own where this processor can run it.
    private static let both = [X25519(usesVectors: false)] + (X25519.hasVectors ? [X25519()] : [])

    @Test(
        "gives what RFC 7748, section 5.2, says",
        arguments: [
            (
                "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
                "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
                "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
            ),
            (
                "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
                "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
                "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"
            ),
        ])
    func published(_ scalar: String, _ point: String, _ shared: String) {
        for x25519 in Self.both {
            #expect(x25519.sharedSecret(PrivateKey(hex: scalar), PublicKey(hex: point))?.bytes.hex == shared)
        }
    }

    @Test("gives what RFC 7748, section 5.2, says after a thousand rounds", arguments: both)
    func iterated(_ x25519: X25519) throws {
        let nine = "0900000000000000000000000000000000000000000000000000000000000000"
        var (scalar, point) = (SecretBytes(hex: nine), PublicKey(hex: nine))
        for round in 1...1000 {
            let shared = try #require(x25519.sharedSecret(PrivateKey(secret: scalar), point))
            point = PublicKey(bytes: KeyBytes { scalar.bytes[$0] })
            scalar = shared
            if round == 1 {
                #expect(shared.bytes.hex == "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079")
            }
        }
        #expect(scalar.bytes.hex == "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51")
    }

    @Test("refuses points of low order", arguments: lowOrderPoints)
    func lowOrder(_ point: String) {
        for x25519 in Self.both { #expect(x25519.sharedSecret(.generate(), PublicKey(hex: point)) == nil) }
    }

    @Test(
        "of several at once gives what libsodium does of each", .enabled(if: X25519.hasVectors, "this processor cannot")
    )
    func several() {
        var dice = SeededRandom(25519)
        for round in 0..<Rounds.usual(1000).count {
            let exchanges = (0..<(1 + round % 8)).map { _ in (Self.scalar(&dice), Self.point(&dice)) }
            let ours = X25519().sharedSecrets(exchanges)
            let theirs = X25519(usesVectors: false).sharedSecrets(exchanges)
            #expect(ours.map { $0?.bytes.hex } == theirs.map { $0?.bytes.hex })
        }
    }

    /// Random, or nearly all of one kind of bits: those carry most, or not at all.
    private static func scalar(_ dice: inout SeededRandom) -> PrivateKey {
        let bytes = dice.once(in: 4) ? sparse(&dice) : dice.bytes(32)
        return PrivateKey(raw: bytes.span)!
    }

    /// Also numbers of p and more, and points of low order.
    private static func point(_ dice: inout SeededRandom) -> PublicKey {
        switch dice.below(6) {
        case 0: return PublicKey(raw: sparse(&dice).span)!
        case 1: return X25519.basePoint
        case 2: return PublicKey(hex: dice.pick(lowOrderPoints))
        case 3:
            // Near p, and with a bit that does not count.
            let bytes = [dice.pick([0, 1, 0xec, 0xed, 0xee, 0xff])] + [UInt8](repeating: 0xff, count: 30)
            return PublicKey(raw: (bytes + [dice.pick([0x7f, 0xff])]).span)!
        default: return PublicKey(raw: dice.bytes(32).span)!
        }
    }

    private static func sparse(_ dice: inout SeededRandom) -> [UInt8] {
        let usual: UInt8 = dice.pick([0, 0xff])
        return (0..<32).map { _ in dice.once(in: 8) ? dice.byte() : usual }
    }
}
