import ByteText
import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardText

@Suite("Arguments of set")
struct SetArgumentsTests {
    private let peer1 = Keys.base64[0]
    private let peer2 = Keys.base64[1]

    @Test("nothing changes nothing")
    func nothing() throws { #expect(try parse([]) == []) }

    @Test("everything, in the request's order whatever theirs")
    func everything() throws {
        let lines = try parse([
            "fwmark", "0xcafe", "private-key", "key", "listen-port", "51820",
            "peer", peer1, "allowed-ips", "10.0.0.0/8,fd00::/64", "persistent-keepalive", "25", "endpoint", "1.2.3.4:5",
            "preshared-key", "key",
        ])
        #expect(
            lines == [
                "private_key=" + Keys.hex(0x99), "listen_port=51820", "fwmark=51966", "public_key=" + Keys.hex(0x11),
                "preshared_key=" + Keys.hex(0x99), "endpoint=1.2.3.4:5", "persistent_keepalive_interval=25",
                "replace_allowed_ips=true", "allowed_ip=10.0.0.0/8", "allowed_ip=fd00::/64",
            ])
    }

    @Test("an empty key file, off, and an empty list take away")
    func takingAway() throws {
        let lines = try parse([
            "private-key", "empty", "fwmark", "off", "listen-port", "0", "peer", peer1, "preshared-key", "empty",
            "persistent-keepalive", "off", "allowed-ips", "",
        ])
        #expect(
            lines == [
                "private_key=" + Keys.hex(0), "listen_port=0", "fwmark=0", "public_key=" + Keys.hex(0x11),
                "preshared_key=" + Keys.hex(0), "persistent_keepalive_interval=0", "replace_allowed_ips=true",
            ])
    }

    @Test("peers stay in order, also the same one twice; removal goes alone")
    func peers() throws {
        let lines = try parse([
            "peer", peer2, "persistent-keepalive", "1", "peer", peer1, "endpoint", "1.2.3.4:5", "remove", "peer", peer2,
            "allowed-ips", "+1.1.1.1",
        ])
        #expect(
            lines == [
                "public_key=" + Keys.hex(0x22), "persistent_keepalive_interval=1", "public_key=" + Keys.hex(0x11),
                "remove=true", "public_key=" + Keys.hex(0x22), "allowed_ip=1.1.1.1/32",
            ])
    }

    @Test("the last of a word counts, and lists add up")
    func repetitions() throws {
        let lines = try parse([
            "listen-port", "1", "listen-port", "domain", "peer", peer1, "endpoint", "1.2.3.4:5", "endpoint", "host:7",
            "persistent-keepalive", "3", "persistent-keepalive", "4", "allowed-ips", "1.1.1.1", "allowed-ips",
            "-2.2.2.2",
        ])
        #expect(
            lines == [
                "listen_port=53", "public_key=" + Keys.hex(0x11), "endpoint=192.0.2.7:7",
                "persistent_keepalive_interval=4", "allowed_ip=1.1.1.1/32", "allowed_ip=-2.2.2.2/32",
            ])
    }

    @Test("unknown and misplaced words, and those that lack their value, are named")
    func unexpectedWords() {
        for (words, word) in [
            ([""], ""), (["Listen-Port", "1"], "Listen-Port"), (["listen-port"], "listen-port"), (["fwmark"], "fwmark"),
            (["private-key"], "private-key"), (["peer"], "peer"), (["Peer", peer1], "Peer"), (["remove"], "remove"),
            (["endpoint", "1.2.3.4:5"], "endpoint"), (["allowed-ips", ""], "allowed-ips"),
            (["peer", peer1, "listen-port", "5"], "listen-port"), (["peer", peer1, "fwmark", "5"], "fwmark"),
            (["peer", peer1, "private-key", "key"], "private-key"), (["peer", peer1, "endpoint"], "endpoint"),
            (["peer", peer1, "allowed-ips"], "allowed-ips"), (["peer", peer1, "preshared-key"], "preshared-key"),
            (["peer", peer1, "persistent-keepalive"], "persistent-keepalive"), (["peer", peer1, "peer"], "peer"),
            (["peer", peer1, "remove", "remov"], "remov"), (["peer", peer1, "REMOVE"], "REMOVE"),
            (["listen-port", "5", "6"], "6"), (["peer", peer1, "replace-allowed-ips"], "replace-allowed-ips"),
        ] { #expect(throws: FieldError.unexpectedWord(ByteString(word))) { try parse(words) } }
    }

    @Test("each value's own error is passed on")
    func values() {
        let cases: [([String], FieldError)] = [
            (["listen-port", ""], .emptyPort),
            (["listen-port", "x"], .badPort("x", reason: "Servname not supported")),
            (["fwmark", "x"], .badFwmark("x")),
            (["private-key", "missing"], .keyFileUnreadable(path: "missing", reason: "No such file or directory")),
            (["private-key", "short"], .keyFileTooShort(path: "short")),
            (["peer", "x"], .badPublicKey("x")),
            (["peer", String(peer1.dropLast())], .badPublicKey(ByteString(String(peer1.dropLast())))),
            (["peer", peer1, "preshared-key", "short"], .keyFileTooShort(path: "short")),
            (["peer", peer1, "endpoint", ""], .emptyEndpoint),
            (["peer", peer1, "endpoint", "host"], .endpointWithoutPort("host")),
            (["peer", peer1, "endpoint", "[host"], .endpointWithoutBrace("[host")),
            (["peer", peer1, "endpoint", "no:7"], .unresolvedEndpoint("no:7", reason: "Name or service not known")),
            (["peer", peer1, "persistent-keepalive", "x"], .badKeepalive("x")),
            (["peer", peer1, "allowed-ips", "x"], .badAddress("x")),
            (["peer", peer1, "allowed-ips", "1.1.1.1/x"], .badAllowedIP("1.1.1.1/x")),
        ]
        for (words, error) in cases { #expect(throws: error) { try parse(words) } }
    }

    @Test("one wrong word anywhere, and there is no update at all")
    func allOrNothing() throws {
        let words = [
            "listen-port", "1", "fwmark", "2", "peer", peer1, "endpoint", "1.2.3.4:5", "allowed-ips", "1.1.1.1", "peer",
            peer2, "persistent-keepalive", "3",
        ]
        #expect(throws: Never.self) { try parse(words) }
        for place in words.indices {
            var wrong = words
            wrong[place] = "wrong"
            #expect(throws: FieldError.self) { try parse(wrong) }
        }
        for count in 1..<words.count where count % 2 == 1 {
            #expect(throws: FieldError.unexpectedWord(ByteString(words[count - 1]))) {
                try parse(Array(words[..<count]))
            }
        }
    }

    @Test("settings for resolving count for any endpoint")
    func settings() {
        let sources = FakeSources(settingsError: .badRetries("x"))
        #expect(throws: FieldError.badRetries("x")) {
            try parse(["peer", peer1, "endpoint", "1.2.3.4:5"], sources)
        }
        #expect(throws: Never.self) { try parse(["listen-port", "5", "peer", peer1, "allowed-ips", "::/0"], sources) }
    }

    @discardableResult
    private func parse(_ words: [String], _ sources: FakeSources = Self.sources) throws(FieldError) -> [String] {
        try SetArguments.parse(words.map { ByteString($0) }, for: InterfaceName("wg0"), sources: sources).requestLines
    }

    private static var sources: FakeSources {
        FakeSources(
            hosts: ["host 7": Endpoint(address: IPAddress(v4: 0xc000_0207), port: 7)], ports: ["domain": 53],
            files: [
                "key": .key(Keys.secret(0x99, as: PrivateKey.self).secret), "empty": .empty,
                "short": .broken(.keyFileTooShort(path: "short")),
            ])
    }
}
