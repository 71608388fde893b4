import ByteText
import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardText

@Suite("Lists of allowed-ips")
struct AllowedIPListTests {
    @Test(
        "replace, unless an entry has a sign",
        arguments: [
            (["10.0.0.0/8"], ["replace", "10.0.0.0/8"]),
            (["10.0.0.0/8,fd00::/64,1.2.3.4"], ["replace", "10.0.0.0/8", "fd00::/64", "1.2.3.4/32"]),
            (["::1,0.0.0.0/0,::/0"], ["replace", "::1/128", "0.0.0.0/0", "::/0"]),
            ([""], ["replace"]), ([" \t\n\u{b}\u{c}\r"], ["replace"]),
            (["+1.1.1.1"], ["1.1.1.1/32"]), (["-1.1.1.1"], ["-1.1.1.1/32"]),
            (["+1.1.1.1,2.2.2.2"], ["1.1.1.1/32", "2.2.2.2/32"]),
            (["2.2.2.2,-1.1.1.1"], ["2.2.2.2/32", "-1.1.1.1/32"]),
            (["1.1.1.1", "+2.2.2.2"], ["1.1.1.1/32", "2.2.2.2/32"]),
            (["+1.1.1.1", "2.2.2.2"], ["replace", "1.1.1.1/32", "2.2.2.2/32"]),
            (["-1.1.1.1", ""], ["replace", "-1.1.1.1/32"]),
            (["1.1 .1.1 / 3 2, + fd 00::/6\t4"], ["1.1.1.1/32", "fd00::/64"]),
            (["1.1.1.1,1.1.1.1"], ["replace", "1.1.1.1/32", "1.1.1.1/32"]),
            (["10.0.0.0/008"], ["replace", "10.0.0.0/8"]),
        ])
    func lists(_ texts: [String], _ expected: [String]) throws {
        let sources = FakeSources()
        var peer = Self.newPeer
        for text in texts { try parse(text, into: &peer, sources) }
        #expect(Self.summary(of: peer) == expected)
        #expect(sources.warnings == [])
    }

    @Test("warn of bits behind the prefix, and keep them")
    func warnings() throws {
        let sources = FakeSources()
        var peer = Self.newPeer
        try parse("10.1.2.3/08, +fd00::1/64,10.0.0.0/8,-1.2.3.4/0,1.2.3.4/32", into: &peer, sources)
        #expect(Self.summary(of: peer) == ["10.1.2.3/8", "fd00::1/64", "10.0.0.0/8", "-1.2.3.4/0", "1.2.3.4/32"])
        #expect(
            sources.warnings == [
                "AllowedIP has nonzero host part: 10.1.2.3/08",
                "AllowedIP has nonzero host part: fd00::1/64",
                "AllowedIP has nonzero host part: 1.2.3.4/0",
            ])
    }

    @Test(
        "refuse what is no address",
        arguments: [
            (",", ""), ("1.1.1.1,", ""), (",1.1.1.1", ""), ("1.1.1.1,,2.2.2.2", ""), ("+", ""), ("-", ""), ("/8", ""),
            ("010.0.0.0/8", "010.0.0.0"), ("1.2.3/24", "1.2.3"), ("[::1]", "[::1]"), ("fe80::1%lo/64", "fe80::1%lo"),
            ("foo", "foo"), ("+-1.1.1.1", "-1.1.1.1"), ("++1.1.1.1", "+1.1.1.1"), ("1.1.1.1,x/8", "x"),
            ("1.1.1.1;2.2.2.2", "1.1.1.1;2.2.2.2"), ("(none)", "(none)"), ("\u{e9}", "\u{e9}"),
        ])
    func badAddresses(_ text: String, _ address: String) {
        #expect(throws: FieldError.badAddress(ByteString(address))) { try parse(text) }
    }

    @Test(
        "refuse what is no prefix length",
        arguments: [
            ("1.1.1.1/", "1.1.1.1/"), ("1.1.1.1/33", "1.1.1.1/33"), ("::/129", "::/129"), ("1.1.1.1/-1", "1.1.1.1/-1"),
            ("1.1.1.1/+8", "1.1.1.1/+8"), ("1.1.1.1/0x8", "1.1.1.1/0x8"), ("1.1.1.1/8/8", "1.1.1.1/8/8"),
            ("+1.1.1.1/ 33", "1.1.1.1/33"), ("1.1.1.1/256", "1.1.1.1/256"), ("1.1.1.1/264", "1.1.1.1/264"),
            ("1.1.1.1/4294967304", "1.1.1.1/4294967304"), ("2.2.2.2,1.1.1.1/a", "1.1.1.1/a"),
        ])
    func badLengths(_ text: String, _ entry: String) {
        #expect(throws: FieldError.badAllowedIP(ByteString(entry))) { try parse(text) }
    }

    @Test("every prefix length that fits, and no other")
    func everyLength() {
        for (address, longest) in [("10.0.0.0", 32), ("fd00::", 128)] {
            for length in 0...300 {
                let bytes = "\(address)/\(length)".bytes
                let allowedIP = try? AllowedIPList.parse(prefix: bytes.span)
                #expect(allowedIP.map { Int($0.prefixLength) } == (length <= longest ? length : nil))
            }
        }
    }

    private static var newPeer: PeerUpdate { PeerUpdate(publicKey: PublicKey(bytes: KeyBytes(repeating: 1))) }

    private func parse(_ text: String) throws(FieldError) {
        var peer = Self.newPeer
        try parse(text, into: &peer, FakeSources())
    }

    private func parse(_ text: String, into peer: inout PeerUpdate, _ sources: FakeSources) throws(FieldError) {
        let bytes = text.bytes
        try AllowedIPList.parse(bytes.span, into: &peer, sources)
    }

    private static func summary(of peer: PeerUpdate) -> [String] {
        (peer.replaceAllowedIPs ? ["replace"] : [])
            + peer.allowedIPs.map { change in
                (change.removes ? "-" : "") + String { change.allowedIP.append(to: &$0) }
            }
    }
}
