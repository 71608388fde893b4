import TestSupport
import Testing
import WireGuardKeys
import WireGuardProtocol

/// Values without a source of their own were computed by Python's `hashlib` and `hmac`.
@Suite("BLAKE2s")
struct Blake2sTests {
    @Test("hashes as RFC 7693, appendix B, says")
    func published() {
        #expect(
            Blake2s.hash("abc".bytes).hex == "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982")
    }

    @Test(
        "hashes messages around the size of a block",
        arguments: [
            (0, "69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9"),
            (1, "a28ac19d6bcbe2cd1d7de183485768d598e996b07889b9b11f418cb1b4a4fb0d"),
            (63, "de27df0e375d83c49f1af9ca8270f9f2fe7b70bf800fc01672db0e9746021ebf"),
            (64, "5377e4ff957bda4d4535f4879876b71a61056c4cec31e78397c66ec47a86a130"),
            (65, "19b1b26fba093f4a670d8913e1b71cbb2916dfa701018cc6b05785c966593374"),
            (128, "83470c75afa23d90cd7659906e4b47daa278131fbb225241dd37a40fd5355ac7"),
            (1000, "02a016193469710efadf8fb005ca19b509331cb847df5598cc0794bded669681"),
        ])
    func hash(_ count: Int, _ digest: String) {
        let message = [UInt8].pattern(count)
        #expect(Blake2s.hash(message).hex == digest)
        // The same in two parts, wherever it is cut.
        for cut in [0, count / 3, count] {
            let (first, second) = (Array(message[..<cut]), Array(message[cut...]))
            #expect(Blake2s.hash(first, second).hex == digest)
        }
    }

    @Test(
        "makes MACs of 16 bytes with keys of all sizes in use",
        arguments: [
            (32, 0, "1b7fb3c33429a975524ac696a8d8070c"), (32, 1, "e2e2d6134451729aad38d952f083dd06"),
            (32, 64, "01a0e302fbb416dde92696b0bed4dbdb"), (32, 116, "8518cf464e4c9048cae36ff5755ec3e4"),
            (16, 116, "1559535b21532446cfe47fa59e707e1c"), (16, 132, "c38c8ec006f70382e09aca5e0faf108d"),
            (1, 5, "3556c68d9a0eb1d7db60743f68fcb5fe"),
        ])
    func mac(_ keyCount: Int, _ count: Int, _ mac: String) {
        let key = [UInt8].counting(from: 1, keyCount)
        let message = [UInt8].pattern(count)
        #expect(Blake2s.mac(key, message).hex == mac)
    }

    @Test(
        "makes HMACs",
        arguments: [
            (0, "415e9b4d3980426d4035d9a83fea764b343f7268672ebf9a667a6c308967024a"),
            (1, "07820fa06efacde75c4bd60db74a8ca9e4e0a35acbf21fdab1642d36d3626e6c"),
            (32, "bd90bb6ed8e6adcb8fc46ed6b6443e79b24f2a1b781f0fc04533aa2d481217e5"),
            (64, "c7e4b31adbc416085f18a654ea2ff21ed3afc298fdf536cc0090ef0634dfb4fd"),
            (200, "635decf37ebb2fe920ac1b7a59d882d0d5b5eba8cee40420a0beab3892da960c"),
        ])
    func hmac(_ count: Int, _ digest: String) {
        let key = SecretBytes(.counting(from: 1, 32))
        let message = [UInt8].pattern(count)
        #expect(Blake2s.hmac(key, message).hex == digest)
        // With its last byte apart.
        guard let last = message.last else { return }
        let start = Array(message.dropLast())
        #expect(Blake2s.hmac(key, start, last).hex == digest)
    }

    @Test("derives one, two and three keys that begin alike")
    func derivation() {
        let chainingKey = SecretBytes(.counting(from: 1, 32))
        let input = [UInt8].pattern(32)
        let expected = [
            "a85c051919512d9df905e8cbd49774b6a86386585933438512462c8a60178b60",
            "de86acc522224f93ced685ff4784e3541d90b90075e3dd12d48e70d695cd2f8c",
            "2c5806774c723116249a6a7b908786879c8940144681821617e378be69e8134a",
        ]
        let one = KeyDerivation.one(chainingKey, input.span)
        #expect(one.bytes.hex == expected[0])
        let two = KeyDerivation.two(chainingKey, input.span)
        #expect([two.0, two.1].map(\.bytes.hex) == Array(expected.prefix(2)))
        let three = KeyDerivation.three(chainingKey, input.span)
        #expect([three.0, three.1, three.2].map(\.bytes.hex) == expected)
    }
}
