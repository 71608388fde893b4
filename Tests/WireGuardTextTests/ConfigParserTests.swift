import ByteText
import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardText

@Suite("Configuration files")
struct ConfigParserTests {
    private static let whole = """
        [Interface]
        PrivateKey = \(Keys.base64[3])
        ListenPort = 51820
        FwMark = 0xcafe

        [Peer]
        PublicKey = \(Keys.base64[0])
        PresharedKey = \(Keys.base64[1])
        AllowedIPs = 10.0.0.0/8, fd00::/64
        Endpoint = 192.0.2.1:51820
        PersistentKeepalive = 25

        [Peer]
        PublicKey = \(Keys.base64[2])

        """
    private static let wholeLines = [
        "private_key=" + Keys.hex(0x44), "listen_port=51820", "fwmark=51966", "public_key=" + Keys.hex(0x11),
        "preshared_key=" + Keys.hex(0x22), "endpoint=192.0.2.1:51820", "persistent_keepalive_interval=25",
        "replace_allowed_ips=true", "allowed_ip=10.0.0.0/8", "allowed_ip=fd00::/64", "public_key=" + Keys.hex(0x33),
        "replace_allowed_ips=true",
    ]

    @Test("every key of both sections")
    func everyKey() throws { #expect(try read(Self.whole) == Self.wholeLines) }

    @Test(
        "nothing says nothing",
        arguments: ["", "\n\n", "# comment", "[Interface]", " \t\r\n#\n[interface]\n[INTERFACE]"])
    func nothing(_ text: String) throws { #expect(try read(text) == []) }

    @Test("case of names, white space anywhere, comments, CRLF and NULs change nothing")
    func layouts() throws {
        var random = SeededRandom(6)
        for _ in Rounds.usual(100) {
            var bytes: [UInt8] = []
            for line in Self.whole.split(separator: "\n") {
                for byte in randomCase(of: String(line), &random) {
                    if random.once(in: 12) { bytes += random.pick([" ", "\t", "\r", "\u{b}", "\u{c}", "  "]).utf8 }
                    bytes.append(byte)
                }
                let ends = [
                    "\n", "\r\n", "#\n", " # = [Peer] \u{e9}\n", "\0\n", "\0PublicKey=\n", "\n\n", "\n#\n\0\n\n",
                ]
                bytes += random.pick(ends).utf8
            }
            #expect(try read(bytes) == Self.wholeLines, "\(bytes.text.debugDescription)")
        }
    }

    @Test("sections come back, in any order; only peers begin anew")
    func sections() throws {
        let lines = try read(
            """
            [Peer]
            Endpoint = 1.2.3.4:5
            PublicKey = \(Keys.base64[0])
            [Interface]
            ListenPort = 1
            FwMark = 2
            [Peer]
            PublicKey = \(Keys.base64[0])
            [Interface]
            ListenPort = 3
            """)
        #expect(
            lines == [
                "listen_port=3", "fwmark=2", "public_key=" + Keys.hex(0x11), "endpoint=1.2.3.4:5",
                "replace_allowed_ips=true", "public_key=" + Keys.hex(0x11), "replace_allowed_ips=true",
            ])
    }

    @Test("the last of a key counts, and lists add up")
    func repetitions() throws {
        let lines = try read(
            """
            [Peer]
            PublicKey = \(Keys.base64[0])
            PublicKey = \(Keys.base64[1])
            PersistentKeepalive = 1
            PersistentKeepalive = off
            AllowedIPs = 1.1.1.1
            AllowedIPs = +2.2.2.2, -3.3.3.3
            """)
        #expect(
            lines == [
                "public_key=" + Keys.hex(0x22), "persistent_keepalive_interval=0", "allowed_ip=1.1.1.1/32",
                "allowed_ip=2.2.2.2/32", "allowed_ip=-3.3.3.3/32",
            ])
    }

    @Test(
        "lines that nobody knows, in their section",
        arguments: [
            ("[Interface]", "Address=1.2.3.4"), ("[Interface]", "PublicKey=\(Keys.base64[0])"),
            ("[Interface]", "ListenPort"), ("[Interface]", "ListenPort="), ("[Interface]", "ListenPort=#5"),
            ("[Interface]", "=5"), ("[Interface]", "="), ("[Interface]", "ListenPort:5"), ("[Interface]", "[Foo]"),
            ("[Interface]", "[]"), ("[Interface]", "[Interface"), ("[Interface]", "[Interface]x"),
            ("[Interface]", "[Interface][Peer]"), ("[Interface]", ";comment"), ("[Interface]", "Endpoint=1.2.3.4:5"),
            ("[Peer]", "ListenPort=5"), ("[Peer]", "AllowedIPs="), ("[Peer]", "Remove=true"), ("[Peer]", "\u{feff}"),
            ("", "ListenPort=5"), ("", "PublicKey=\(Keys.base64[0])"), ("\u{feff}", ""), ("", "\u{a0}"),
        ])
    func unrecognized(_ section: String, _ line: String) {
        #expect("unrecognized") {
            try read("\(section)\n \(line) \n")
        } throws: { error in
            guard let error = error as? ConfigError, case .unrecognizedLine(let bad) = error.reason else {
                return false
            }
            let isSection = section.hasPrefix("\u{feff}")
            let expected = isSection ? section : line.prefix { $0 != "#" }.description
            return bad == ByteString(expected) && error.line == (isSection ? 1 : 2)
        }
    }

    @Test(
        "bad values, with the line in which they stand",
        arguments: [
            ("[Interface]\n\n#\nPrivateKey=x", 4, .badSecretKey), ("[Peer]\nPresharedKey=(hidden)", 2, .badSecretKey),
            ("[Peer]\nPublicKey = x y", 2, .badPublicKey("xy")), ("[Interface]\nFwMark=x", 2, .badFwmark("x")),
            ("[Interface]\nListenPort==5", 2, .badPort("=5", reason: "Servname not supported")),
            ("[Peer]\r\n\r\nEndpoint=1", 3, .endpointWithoutPort("1")),
            ("[Peer]\nEndpoint=[1:5", 2, .endpointWithoutBrace("[1:5")),
            ("[Peer]\nEndpoint=no:5", 2, .unresolvedEndpoint("no:5", reason: "Name or service not known")),
            ("[Peer]\nPersistentKeepalive=65536", 2, .badKeepalive("65536")),
            ("[Peer]\nAllowedIPs=1.1.1.1,", 2, .badAddress("")),
            ("[Peer]\nAllowedIPs=::/129", 2, .badAllowedIP("::/129")),
        ] as [(String, Int, FieldError)])
    func badValues(_ text: String, _ line: Int, _ error: FieldError) {
        #expect("\(error)") { try read(text) } throws: { thrown in
            (thrown as? ConfigError).map { $0.line == line && $0.reason == .field(error) } ?? false
        }
    }

    @Test(
        "a peer without its key, with the line in which it began",
        arguments: [
            ("[Peer]", 1), ("\n[Peer]\nAllowedIPs=1.1.1.1\n", 2), ("[Peer]\n[Peer]\nPublicKey=\(Keys.base64[0])", 1),
            ("[Peer]\nPublicKey=\(Keys.base64[0])\n[Peer]\n\n[Interface]\nFwMark=x", 3),
        ])
    func missingKey(_ text: String, _ line: Int) {
        #expect("missing") { try read(text) } throws: { thrown in
            (thrown as? ConfigError).map { $0.line == line && $0.reason == .peerWithoutPublicKey } ?? false
        }
    }

    @Test("messages are wg's")
    func messages() {
        let reasons: [(ConfigError.Reason, String)] = [
            (.unrecognizedLine("Address=1.2.3.4"), "Line unrecognized: `Address=1.2.3.4'"),
            (.peerWithoutPublicKey, "A peer is missing a public key"),
            (.field(.emptyPort), "Unable to parse empty port"),
        ]
        for (reason, message) in reasons { #expect(reason.description == message) }
    }

    @Test(
        "secrets stay out of messages, wherever they are written by mistake",
        arguments: [
            "[Interface]\nPrivateKye = KEY", "[Interface]\nPrivateKey KEY", "PrivateKey = KEY",
            "[Peer]\nPrivateKey=KEY",
            "[Interface]\nKEY", "KEY", "[Interface]\nPresharedKey = KEY", "[Interface]\nPrivateKey = KEYx",
            "[Interface]\nPrivateKey = xKEY", "[Interface]\nPrivateKey = \"KEY\"", "[Peer]\nPresharedKey = =KEY",
            "[Interface]\nPrivateKey:KEY", "[Interface]\n'KEY'=5", "[Interface]\nPrivate-Key = KEY",
            "[Interface]\n=KEY",
            "[Interface]\nPrivateKye = x=KEY", "[Interface]KEY",
        ])
    func secrets(_ text: String) {
        let secret = Keys.alicePrivateBase64
        for key in [secret, String(secret.dropLast()), String(secret.dropFirst(5)), Keys.alicePrivate] {
            let message = { (error: any Error) in (error as? ConfigError)?.reason.description ?? "" }
            #expect("refused without the key") {
                try read(text.replacing("KEY", with: key))
            } throws: { error in
                !message(error).isEmpty
                    && !(0...(key.count - 12)).contains { start in
                        message(error).contains(key.dropFirst(start).prefix(12))
                    }
            }
        }
    }

    private func read(_ text: String) throws(ConfigError) -> [String] { try read(text.bytes) }

    @discardableResult
    private func read(_ bytes: [UInt8]) throws(ConfigError) -> [String] {
        var parser = ConfigParser(for: InterfaceName("wg0"), sources: FakeSources())
        for line in bytes.split(separator: 10, omittingEmptySubsequences: false).map({ Array($0) }) {
            try parser.take(line: line.span)
        }
        return try parser.finish().requestLines
    }

    /// Names in random case; values stay, as keys have to.
    private func randomCase(of line: String, _ random: inout SeededRandom) -> [UInt8] {
        let name = line.prefix { $0 != "=" }
        return name.utf8.map { random.once(in: 2) ? ASCII.lowercased($0) : UInt8(toupper: $0) }
            + line.dropFirst(name.count).utf8
    }
}

extension UInt8 {
    fileprivate init(toupper byte: UInt8) { self = 0x61...0x7a ~= byte ? byte - 32 : byte }
}
