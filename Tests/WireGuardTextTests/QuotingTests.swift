import ByteText
import TestSupport
import Testing
import WireGuardKeys
import WireGuardText

@Suite("What messages quote")
struct QuotingTests {
    @Test("is one line, bounded, and nothing that a terminal obeys")
    func anyBytes() {
        var random = SeededRandom(11)
        for _ in Rounds.usual(1000) {
            let bytes = random.bytes(random.once(in: 200) ? 20_000 : random.below(400))
            let string = ByteString(random.once(in: 2) ? bytes.map { $0 & 0x7f } : bytes)
            for text in [string.quoted, string.quotedWithoutKeys, string.quotedUnlessKey] { checkIsHarmless(text) }
            checkIsHarmless(string.excerpt)
        }
        for scalar: Unicode.Scalar in ["\u{0}", "\u{1b}", "\u{7f}", "\u{80}", "\u{85}", "\u{9b}", "\u{9f}", "\n", "\r"]
        {
            checkIsHarmless(ByteString(String(scalar) + "]0;title").quoted)
        }
    }

    @Test(
        "is the text itself where that is harmless",
        arguments: [
            ("", "`'"), ("wg0", "`wg0'"), ("`'", "``''"), ("10.0.0.0/8", "`10.0.0.0/8'"), ("gr\u{fc}n", "`gr\u{fc}n'"),
            ("a\nb", "`a\\x0ab'"), ("\u{1b}[31m", "`\\x1b[31m'"), ("\u{9b}", "`\\x9b'"),
        ])
    func quotes(_ text: String, _ quoted: String) { #expect(ByteString(text).quoted == quoted) }

    @Test("ends after 200 bytes, which it says")
    func length() {
        for (count, ending) in [(199, ""), (200, ""), (201, "..."), (1_000_000, "...")] {
            let text = ByteString([UInt8](repeating: 0x61, count: count)).quoted
            #expect(text == "`" + String(repeating: "a", count: min(count, 200)) + ending + "'")
        }
    }

    @Test("has no key in it, wherever in a line it stands")
    func keys() {
        var random = SeededRandom(12)
        let words = ["PrivateKey", "=", " ", "[", "]", "#", ":", "x", "/", "+", "\u{e9}", "\0", "Endpoint=", "\""]
        for _ in Rounds.usual(2000) {
            let key = Keys.randomBase64(&random)
            let before = (0..<random.below(4)).map { _ in random.pick(words) }.joined()
            let after = (0..<random.below(4)).map { _ in random.pick(words) }.joined()
            let text = ByteString(before + key + after).quotedWithoutKeys
            if longestKeyRun(in: text) >= 43 || text.contains(key.prefix(12)) {
                Issue.record("\(before + key + after): \(text)")
            }
            checkIsHarmless(text)
        }
    }

    @Test(
        "hides only what may be a key",
        arguments: [
            ("Address=10.0.0.1/24,fd00::1/64", "`Address=10.0.0.1/24,fd00::1/64'"),
            ("PostUp=iptables-AFORWARD-iwg0-jACCEPT", "`PostUp=iptables-AFORWARD-iwg0-jACCEPT'"),
            ("PrivateKye=" + Keys.base64[0], "`PrivateKye=(hidden)'"), (Keys.base64[0], "(hidden)"),
            (Keys.alicePrivate, "(hidden)"), ("x=" + Keys.alicePrivate, "`x=(hidden)'"),
        ])
    func hides(_ line: String, _ shown: String) { #expect(ByteString(line).quotedWithoutKeys == shown) }

    @Test("a key in the place of a path is hidden, also one with a character too few, too many or wrong")
    func paths() {
        var random = SeededRandom(13)
        for _ in 0..<200 {
            let key = Keys.randomBase64(&random)
            let place = key.index(key.startIndex, offsetBy: random.below(44))
            var (shorter, longer, other) = (key, key, key)
            shorter.remove(at: place)
            longer.insert("x", at: place)
            other.replaceSubrange(place...place, with: "-")
            for text in [key, shorter, longer, other, key + "\n"] {
                #expect(ByteString(text).quotedUnlessKey == "(hidden)", "\(text)")
            }
        }
    }

    @Test(
        "a path or a word that is no key is shown",
        arguments: [
            "/etc/wireguard/private", "wg0", "", "/etc/wireguard/keys/server/private-key-of-wg0",
            "/root/client-configurations/laptop.key", "/dev/fd/63", "allowed-ips", "abc=",
        ])
    func words(_ text: String) { #expect(ByteString(text).quotedUnlessKey == "`\(text)'") }

    private func checkIsHarmless(_ text: String) {
        let isLine = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        if !isLine || text.utf8.count > 900 { Issue.record("\(text.prefix(1000).debugDescription)") }
    }

    private func longestKeyRun(in text: String) -> Int {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".bytes
        return text.utf8.split { !letters.contains($0) }.map(\.count).max() ?? 0
    }
}

extension Keys {
    static func randomBase64(_ random: inout SeededRandom) -> String {
        let bytes = random.bytes(32)
        let key = PublicKey(raw: bytes.span)!
        return String { key.appendBase64(to: &$0) }
    }
}
