import TestSupport
import Testing
import WireGuardKeys
import WireGuardProtocol

@Suite("AEADs of handshakes")
struct AEADTests {
    private let plaintext =
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
        .bytes
    private let data = [UInt8](hex: "50515253c0c1c2c3c4c5c6c7")
    private let key = [UInt8].counting(from: 0x80, 32)

    /// RFC 8439, section 2.8.2.
    private let chaCha = """
        d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e06\
        0b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d265\
        86cec64b61161ae10b594f09e26a7e902ecbd0600691
        """
    /// draft-irtf-cfrg-xchacha-03, appendix A.3.1.
    private let xChaCha = """
        bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54\
        c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f6\
        15c68b13b52ec0875924c1c7987947deafd8780acf49
        """

    /// Both, as functions from bytes to bytes.
    struct AEAD: Sendable {
        let seal: @Sendable (_ plaintext: [UInt8], _ key: [UInt8], _ data: [UInt8]) -> [UInt8]
        /// The room for the plaintext as it was left, too.
        let open:
            @Sendable (_ sealed: [UInt8], _ key: [UInt8], _ data: [UInt8]) -> (isAuthentic: Bool, plaintext: [UInt8])
    }

    static let chaChaNonce = ChaCha20Poly1305.Nonce(hex: "070000004041424344454647")
    static let xChaChaNonce = XChaCha20Poly1305.Nonce(hex: "404142434445464748494a4b4c4d4e4f5051525354555657")

    static let chaCha20Poly1305 = AEAD { plaintext, key, data in
        var sealed = [UInt8](repeating: 0xaa, count: plaintext.count + 16)
        var room = sealed.mutableSpan
        ChaCha20Poly1305.seal(
            plaintext.span, key: SecretBytes(key), nonce: chaChaNonce, authenticating: data.span, into: &room)
        return sealed
    } open: { sealed, key, data in
        var plaintext = [UInt8](repeating: 0xaa, count: sealed.count - 16)
        var room = plaintext.mutableSpan
        let isAuthentic = ChaCha20Poly1305.open(
            sealed.span, key: SecretBytes(key), nonce: chaChaNonce, authenticating: data.span, into: &room)
        return (isAuthentic, plaintext)
    }

    static let xChaCha20Poly1305 = AEAD { plaintext, key, data in
        var sealed = [UInt8](repeating: 0xaa, count: plaintext.count + 16)
        var room = sealed.mutableSpan
        XChaCha20Poly1305.seal(
            plaintext.span, key: KeyBytes { key[$0] }, nonce: xChaChaNonce, authenticating: data.span, into: &room)
        return sealed
    } open: { sealed, key, data in
        var plaintext = [UInt8](repeating: 0xaa, count: sealed.count - 16)
        var room = plaintext.mutableSpan
        let isAuthentic = XChaCha20Poly1305.open(
            sealed.span, key: KeyBytes { key[$0] }, nonce: xChaChaNonce, authenticating: data.span, into: &room)
        return (isAuthentic, plaintext)
    }

    @Test("ChaCha20-Poly1305 gives what RFC 8439 says")
    func publishedChaCha() {
        #expect(Self.chaCha20Poly1305.seal(plaintext, key, data).hex == chaCha)
        #expect(Self.chaCha20Poly1305.open([UInt8](hex: chaCha), key, data) == (true, plaintext))
    }

    @Test("XChaCha20-Poly1305 gives what its draft says")
    func publishedXChaCha() {
        #expect(Self.xChaCha20Poly1305.seal(plaintext, key, data).hex == xChaCha)
        #expect(Self.xChaCha20Poly1305.open([UInt8](hex: xChaCha), key, data) == (true, plaintext))
    }

    @Test("what was changed anywhere is refused, and nothing of it released")
    func forgeries() {
        for aead in [Self.chaCha20Poly1305, Self.xChaCha20Poly1305] {
            let sealed = aead.seal(plaintext, key, data)
            let nothing = [UInt8](repeating: 0, count: plaintext.count)
            for index in sealed.indices {
                #expect(aead.open(sealed.flipped(at: index, bit: index % 8), key, data) == (false, nothing))
            }
            for index in data.indices { #expect(aead.open(sealed, key, data.flipped(at: index)) == (false, nothing)) }
            for index in key.indices { #expect(aead.open(sealed, key.flipped(at: index), data) == (false, nothing)) }
        }
    }

    @Test("nothing can be sealed, with and without data beside it")
    func nothing() {
        for aead in [Self.chaCha20Poly1305, Self.xChaCha20Poly1305] {
            for data in [data, []] {
                let sealed = aead.seal([], key, data)
                #expect(aead.open(sealed, key, data) == (true, []))
                #expect(!aead.open(sealed.flipped(at: 3), key, data).isAuthentic)
            }
        }
    }
}
