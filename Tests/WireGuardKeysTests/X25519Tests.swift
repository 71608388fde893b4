import ByteText
import CSodium
import TestSupport
import Testing
import WireGuardKeys

@Suite("X25519")
struct X25519Tests {
    /// RFC 7748, section 6.1, and the base point of section 5.2 multiplied by itself as a scalar.
    @Test(
        "makes the public keys of RFC 7748",
        arguments: [
            (
                "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
                "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
            ),
            (
                "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
                "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
            ),
            (
                "0900000000000000000000000000000000000000000000000000000000000000",
                "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"
            ),
        ])
    func vectors(_ privateKey: String, _ publicKey: String) {
        let bytes = privateKey.bytes
        let key = PrivateKey(hex: bytes.span)!
        #expect(key.publicKey.raw.hex == publicKey)
    }

    /// As the reference `wg pubkey` answers: the bits that clamping sets are set on the way.
    @Test(
        "multiplies keys that nobody clamped",
        arguments: [
            ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "L+V9o0fNYkMVKNqsX7spBzD/9oSvxM/C7ZCZX1jLO3Q="),
            ("//////////////////////////////////////////8=", "hHwNLDdSNPNl5mCVUYejc1oPdhPRYJ06ak2MU66qWiI="),
        ])
    func unclamped(_ privateKey: String, _ publicKey: String) {
        let bytes = privateKey.bytes
        let key = PrivateKey(base64: bytes.span)!
        #expect(String { key.publicKey.appendBase64(to: &$0) } == publicKey)
    }

    @Test("is the general multiplication, of the base point")
    func isMultiplicationOfBasePoint() {
        var random = SeededRandom(7)
        let basePoint = [9] + [UInt8](repeating: 0, count: 31)
        for _ in Rounds.usual(100) {
            let secret = random.bytes(32)
            var product = [UInt8](repeating: 0, count: 32)
            #expect(crypto_scalarmult(&product, secret, basePoint) == 0)
            let key = PrivateKey(raw: secret.span)!
            #expect(key.publicKey.raw == product)
        }
    }
}
