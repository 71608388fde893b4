import TestSupport

/// A file of random keys, values, spellings and blanks; nothing in it is wrong.
struct MadeUpFile {
    private var random: SeededRandom
    private var lines: [String] = []

    /// What is done with the file of that number.
    static func scene(_ number: Int) -> Case {
        var file = MadeUpFile(random: SeededRandom(UInt64(number)))
        file.add()
        let text = file.lines.joined(separator: "\n")
        return Case(
            "made up \(number)",
            "config wg0.conf <<'END OF FILE'\n\(text)\nEND OF FILE\nquick strip wg0; quick up wg0; quick down wg0")
    }

    private mutating func add() {
        header("[Interface]")
        for line in random.shuffled(interfaceLines()) {
            if random.once(in: 8) { lines.append(random.pick(Self.decoys)) }
            lines.append(line)
        }
        for key in random.shuffled(Key.peers).prefix(random.below(4)) {
            header("[Peer]")
            lines += random.shuffled(peerLines(key))
        }
    }

    private static let decoys = ["", "# foo", "   ", "#Address = 1.2.3.4/8", "\t#PostUp = echo no"]

    private mutating func interfaceLines() -> [String] {
        var lines = [line("PrivateKey", Key.own), line("ListenPort", "5180")]
        for _ in 0..<random.below(3) { lines.append(line("Address", list(Self.addresses))) }
        let values = [("DNS", list(Self.names)), ("MTU", random.pick(Self.mtus)), ("Table", random.pick(Self.tables))]
        for (key, value) in values where random.once(in: 3) { lines.append(line(key, value)) }
        if random.once(in: 5) { lines.append(line("FwMark", random.pick(["0x55", "7", "off", "0"]))) }
        for key in ["PreUp", "PostUp", "PreDown", "PostDown"] where random.once(in: 4) {
            // After a PostUp that fails, default routes are taken back in another order by design.
            let fails = random.once(in: 8) && key != "PostUp"
            lines.append(line(key, fails ? "exit 3" : random.pick(Self.hooks)))
        }
        return lines
    }

    private static let addresses = [
        "10.0.0.1/24", "10.0.0.1", "10.1.2.3/16", "172.20.0.1/31", "10.0.0.2/24", "10.9.9.9/32", "fd00::1/64",
        "fd00::1",
        "fd01::5/128", "fe80::9/64",
    ]
    private static let names = ["192.0.2.53", "2001:db8::53", "a.example", "b-c.example", "x_y", "9"]
    private static let mtus = ["1300", "1420", "1280", "9000", ""]
    private static let tables = ["off", "auto", "77", "main", "51820", "", "default"]
    private static let hooks = [
        "echo %i", "echo a  b;  echo %i", "true", "echo \"$(wg show %i fwmark)\"", "false || echo x", "x=1; echo $x",
        "exit 0",
    ]

    private mutating func peerLines(_ key: String) -> [String] {
        var lines = [line("PublicKey", key)]
        for _ in 0..<random.pick([0, 1, 1, 1, 2]) { lines.append(line("AllowedIPs", list(Self.prefixes))) }
        if random.once(in: 2) { lines.append(line("Endpoint", random.pick(Self.endpoints))) }
        if random.once(in: 5) { lines.append(line("PersistentKeepalive", random.pick(["25", "off", "0"]))) }
        if random.once(in: 5) { lines.append(line("PresharedKey", Key.own)) }
        return lines
    }

    private static let prefixes = [
        "10.5.0.0/16", "10.0.0.0/24", "10.0.0.7/32", "10.0.0.9", "0.0.0.0/0", "::/0", "fd05::/48", "fd00::/64",
        "fd00::5",
        "10.5.1.0/24", "0.0.0.0/1", "192.0.2.0/25", "fd00::/8", "10.0.0.0/8", "172.20.0.0/30",
    ]
    private static let endpoints = ["192.0.2.5:51", "peer.test:7", "[2001:db8::7]:9", "198.51.100.4:1", "127.0.0.1:9"]

    private mutating func list(_ values: [String]) -> String {
        random.shuffled(values).prefix(1 + random.below(5)).joined(separator: random.pick([",", ", ", " , "]))
    }

    private mutating func header(_ name: String) {
        lines.append(
            random.pick(["", " "]) + random.pick([name, name, name.lowercased()]) + random.pick(["", " # x", " "]))
    }

    private mutating func line(_ key: String, _ value: String) -> String {
        let spelling = random.pick([key, key, key.lowercased(), key.uppercased()])
        return blank() + spelling + blank() + "=" + blank() + value + blank()
            + random.pick(["", "", "", "# c", " # c, d=e", "\r"])
    }

    private mutating func blank() -> String { random.pick(["", "", " ", "  ", "\t", " \t"]) }
}

extension SeededRandom {
    fileprivate mutating func shuffled<Item>(_ items: [Item]) -> [Item] { items.shuffled(using: &self) }
}
