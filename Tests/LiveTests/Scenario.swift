import TestSupport

/// A command that changes a device, or fails to.
struct Step {
    /// After the name of the subcommand, where the interface stands.
    let words: [String]
    var input = ""
    /// Wireguard-tools of 2021 does otherwise.
    var isNew = false

    init(_ subcommand: String, _ words: String..., input: String = "", isNew: Bool = false) {
        self.words = [subcommand] + words
        (self.input, self.isNew) = (input, isNew)
    }

    func arguments(for interface: String) -> [String] { [words[0], interface] + words.dropFirst() }
}

/// The life of an interface with what a user's hands and scripts do to it.
struct Scenario {
    let steps: [Step]
    /// The configuration that it ends with.
    let ending: String

    init(in laboratory: Laboratory) throws {
        let own = try Identity("own", in: laboratory)
        let anna = try Identity("anna", in: laboratory).publicKey
        let bert = try Identity("bert", in: laboratory).publicKey
        let presharedKey = try laboratory.wg("genpsk").lines[0]
        let presharedFile = try laboratory.write(presharedKey, to: "without-newline.psk")
        let empty = try laboratory.write("", to: "empty")
        let broken = try laboratory.write("not a key\n", to: "broken.key")
        let privateKey = try laboratory.shell("cat $0", own.file).lines[0]

        let interface = "[Interface]\nListenPort = 51820\nPrivateKey = \(privateKey)\n"
        let annaWithAll = """
            [Peer]
            PublicKey = \(anna)
            PresharedKey = \(presharedKey)
            AllowedIPs = 10.0.1.0/24, fd00:1::/64
            Endpoint = 192.0.2.1:7
            PersistentKeepalive = 25

            """
        let bertAlone = "[peer]\npublickey=\(bert) # his\nallowedips=10.0.2.0/24,\t10.0.3.1\n"

        steps = [
            // The interface.
            Step("set", "listen-port", "51820"),
            Step("set", "private-key", own.file, "fwmark", "0xca6c"),
            Step("set", "private-key", "/dev/null"),
            Step("set", "private-key", broken),
            Step("set", "private-key", own.file),
            Step("set", "fwmark", "off"),

            // A peer, word by word.
            Step("set", "peer", anna),
            Step("set", "peer", anna, "preshared-key", presharedFile),
            Step("set", "peer", anna, "preshared-key", empty),
            Step("set", "peer", anna, "preshared-key", presharedFile, "endpoint", "192.0.2.1:7"),
            Step("set", "peer", anna, "endpoint", "[2001:db8::1]:8"),
            Step("set", "peer", anna, "endpoint", "localhost:9"),
            Step("set", "peer", anna, "persistent-keepalive", "65535", "endpoint", "192.0.2.1:7"),
            Step("set", "peer", anna, "persistent-keepalive", "off"),
            Step("set", "peer", anna, "allowed-ips", "10.0.1.0/24,fd00:1::/64,0.0.0.0/0"),

            // Nothing of it is done where something is wrong.
            Step("set", "listen-port", "7", "peer", anna, "remove", "peer", "nobody"),
            Step("set", "fwmark", "1", "peer", bert, "allowed-ips", "10.0.2.0/24", "preshared-key", broken),
            Step("set", "peer", bert, "allowed-ips", "10.0.2.0/33"),
            Step("setconf", "/dev/stdin", input: interface + "[Peer]\nAllowedIPs = 10.0.2.0/24\n"),
            Step("addconf", "/dev/stdin", input: bertAlone + "Endpoint = 192.0.2.2\n"),
            Step("syncconf", "/dev/stdin", input: annaWithAll + "Color = blue\n"),

            // Allowed-ips move to who was given them last, are added, and are taken away.
            Step("set", "peer", bert, "allowed-ips", "10.0.1.0/24,10.0.2.0/24"),
            Step("set", "peer", anna, "allowed-ips", "10.0.1.0/24", "peer", bert, "allowed-ips", ""),
            Step("set", "peer", bert, "allowed-ips", "+10.0.2.0/24,+10.0.3.0/24", isNew: true),
            Step("set", "peer", anna, "allowed-ips", "+10.0.2.0/24", isNew: true),
            Step(
                "set", "peer", anna, "allowed-ips", "-10.0.2.0/24", "peer", bert, "allowed-ips", "+10.0.2.0/24",
                isNew: true),
            Step("set", "peer", bert, "allowed-ips", "-10.0.77.0/24", isNew: true),
            Step("set", "peer", anna, "remove", "peer", bert, "remove"),
            Step("set", "peer", anna, "remove"),

            // Files.
            Step("setconf", "/dev/stdin", input: interface + annaWithAll + bertAlone),
            Step("addconf", "/dev/stdin", input: "[Peer]\nPublicKey=\(bert)\nAllowedIPs=10.0.4.0/24\n"),
            Step("addconf", "/dev/stdin", input: "[Interface]\nFwMark = 7\n"),
            Step("addconf", "/dev/null"),
            Step("syncconf", "/dev/stdin", input: interface + annaWithAll),
            Step("syncconf", "/dev/stdin", input: interface + bertAlone + "[Peer]\nPublicKey = \(anna)\n", isNew: true),
            Step("syncconf", "/dev/stdin", input: interface),
            Step("syncconf", "/dev/stdin", input: interface + bertAlone),
            Step("setconf", "missing"),
            Step("setconf", "/dev/stdin", input: interface + annaWithAll),
        ]
        ending = interface + "\n" + annaWithAll
    }
}
