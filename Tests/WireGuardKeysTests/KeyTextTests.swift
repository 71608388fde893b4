import ByteText
import TestSupport
import Testing
import WireGuardKeys

/// The texts of public keys, which we read by table, and of secret ones, which libsodium reads for us.
@Suite("Texts of keys")
struct KeyTextTests {
    @Test("writes random keys as libsodium does")
    func writes() {
        var random = SeededRandom(1)
        for _ in Rounds.usual(500) {
            let key = random.bytes(32)
            let (base64, hex) = (Sodium.base64(key).text, Sodium.hex(key).text)
            let publicKey = PublicKey(raw: key.span)!
            let privateKey = PrivateKey(raw: key.span)!
            #expect(String { publicKey.appendBase64(to: &$0) } == base64)
            #expect(String { privateKey.appendBase64(to: &$0) } == base64)
            #expect(String { publicKey.appendHex(to: &$0) } == hex)
            #expect(String { privateKey.appendHex(to: &$0) } == hex)
        }
    }

    @Test("reads random keys as libsodium does")
    func reads() {
        var random = SeededRandom(2)
        for _ in Rounds.usual(500) {
            let key = random.bytes(32)
            #expect(refusalsOrReadings(base64: Sodium.base64(key)) == [key])
            #expect(refusalsOrReadings(hex: Sodium.hex(key)) == [key])
            #expect(refusalsOrReadings(hex: Sodium.hex(key).text.uppercased().bytes) == [key])
        }
    }

    @Test("base64 with one byte changed is read exactly when it is canonical")
    func everyByteInBase64() {
        let text = Sodium.base64(SeededRandom.key(3))
        for (place, byte) in Self.changes(of: text) {
            var changed = text
            changed[place] = byte
            let expected = NaiveKeyText.decode(base64: changed)
            if byte < 0x80, expected != Sodium.decode(base64: changed) { Issue.record("libsodium: \(changed.text)") }
            if refusalsOrReadings(base64: changed) != [expected] { Issue.record("byte \(byte) at \(place)") }
        }
    }

    @Test("hex with one byte changed is read exactly when libsodium reads it")
    func everyByteInHex() {
        let text = Sodium.hex(SeededRandom.key(4))
        for (place, byte) in Self.changes(of: text) {
            var changed = text
            changed[place] = byte
            let expected = Sodium.decode(hex: changed)
            if expected != NaiveKeyText.decode(hex: changed) { Issue.record("libsodium: \(changed.text)") }
            if refusalsOrReadings(hex: changed) != [expected] { Issue.record("byte \(byte) at \(place)") }
        }
    }

    @Test("near misses of any kind are read exactly when libsodium reads them")
    func mutations() {
        var random = SeededRandom(5)
        let letters = NaiveKeyText.alphabet + "==-_ \n\0".bytes
        for _ in Rounds.usual(1500) {
            let key = random.bytes(32)
            let base64 = random.mutated(Sodium.base64(key), alphabet: letters).filter { $0 < 0x80 }
            let hex = random.mutated(Sodium.hex(key), alphabet: "0123456789abcdefABCDEFgG:/@` ".bytes)
            #expect(refusalsOrReadings(base64: base64) == [Sodium.decode(base64: base64)], "\(base64.text)")
            #expect(refusalsOrReadings(hex: hex) == [Sodium.decode(hex: hex)], "\(hex.text)")
        }
    }

    @Test("the last letter carries four bits, and no more")
    func canonicalLastLetter() {
        let text = Sodium.base64(SeededRandom.key(6))
        let accepted = NaiveKeyText.alphabet.filter { letter in
            refusalsOrReadings(base64: Array(text[..<42]) + [letter, UInt8(ascii: "=")]) != [nil]
        }
        #expect(accepted.text == "AEIMQUYcgkosw048")
    }

    @Test("no other length is a key")
    func lengths() {
        for length in 0...100 {
            let letters = [UInt8](repeating: UInt8(ascii: "A"), count: length)
            #expect((refusalsOrReadings(hex: letters) == [nil]) == (length != 64))
            for padding in ["", "=", "=="] {
                let isKey = length == 43 && padding == "="
                #expect((refusalsOrReadings(base64: letters + padding.bytes) == [nil]) == !isKey)
            }
        }
    }

    private static func changes(of text: [UInt8]) -> [(place: Int, byte: UInt8)] {
        text.indices.flatMap { place in (UInt8.min...UInt8.max).map { (place, $0) } }
    }

    /// What a text is read as, by each type of key: one element where they agree, nil for a refusal.
    private func refusalsOrReadings(base64 text: [UInt8]) -> Set<[UInt8]?> {
        let publicKey = PublicKey(base64: text.span)
        let privateKey = PrivateKey(base64: text.span)
        let presharedKey = PresharedKey(base64: text.span)
        return [publicKey?.raw, privateKey?.raw, presharedKey?.raw]
    }

    private func refusalsOrReadings(hex text: [UInt8]) -> Set<[UInt8]?> {
        let publicKey = PublicKey(hex: text.span)
        let privateKey = PrivateKey(hex: text.span)
        let presharedKey = PresharedKey(hex: text.span)
        return [publicKey?.raw, privateKey?.raw, presharedKey?.raw]
    }
}
