/// Configuration files for setconf, addconf and syncconf, on devices that have some of their peers.
enum ConfigCases {
    static func fill(_ maker: inout CaseMaker) {
        maker.setRetries()
        let command = maker.random.pick(["setconf", "addconf", "syncconf", "syncconf"])
        let text = ConfigText.make(&maker)
        let path = place(text, &maker)
        let interface = maker.flawed("wg0", ["wg1", "", "a/b", "an-interface-name-that-is-long"])
        maker.draft.arguments = [command.bytes, interface, path]
        maker.draft.folder = .holding([.device("wg0", maker.device(damaged: maker.random.chance(0.1)))])
    }

    /// Whether the text has more than blanks and comments: we refuse a pipe without, which the reference accepts.
    private static func saysSomething(_ text: [UInt8]) -> Bool {
        text.split(separator: 0x0a).contains { line in
            line.prefix { $0 != 0x23 && $0 != 0 }.contains { $0 != 0x20 && !(0x09...0x0d).contains($0) }
        }
    }

    private static func place(_ text: [UInt8], _ maker: inout CaseMaker) -> [UInt8] {
        if maker.random.chance(maker.flaws / 10) { return maker.random.pick(["", "missing", "-", "loop/x"]).bytes }
        if maker.random.chance(0.02) { return "/dev/null".bytes }
        if maker.random.chance(0.2), saysSomething(text) {
            maker.draft.input = text
            return "/dev/stdin".bytes
        }
        maker.draft.files["wg0.conf"] = .text(text)
        return "wg0.conf".bytes
    }
}

/// The grammar of configuration files, with all the freedom it leaves.
private enum ConfigText {
    static func make(_ maker: inout CaseMaker) -> [UInt8] {
        var sections = (0..<maker.random.pick([0, 1, 1, 2, 3, 6])).map { _ in peer(&maker) }
        for _ in 0..<maker.random.pick([0, 1, 1, 1, 1, 2]) {
            sections.insert(
                interface(&maker), at: maker.random.chance(0.8) ? 0 : maker.random.below(sections.count + 1))
        }
        if maker.random.chance(maker.flaws / 4) { sections.insert([strayLine(&maker)], at: 0) }
        let text = joined(sections.flatMap { $0 }.map { styled($0, &maker) }, &maker)
        return maker.random.chance(maker.flaws / 2) ? Mutation.mutate(text, &maker.random) : text
    }

    private static func interface(_ maker: inout CaseMaker) -> [[UInt8]] {
        section(
            "[Interface]",
            [
                { line("ListenPort", $0.port(), &$0) },
                { line("FwMark", $0.mark(), &$0) },
                { line("PrivateKey", $0.secretText(), &$0) },
            ], &maker)
    }

    private static func peer(_ maker: inout CaseMaker) -> [[UInt8]] {
        let key = line("PublicKey", maker.peerKey(), &maker)
        var lines = section(
            "[Peer]",
            [
                { line("PresharedKey", $0.secretText(), &$0) },
                { line("Endpoint", $0.endpoint(), &$0) },
                { line("PersistentKeepalive", $0.keepalive(), &$0) },
                { line("AllowedIPs", $0.allowedIPs([1, 1, 1, 2, 3, 8]), &$0) },
            ], &maker)
        if !maker.random.chance(maker.flaws / 2) { lines.insert(key, at: maker.random.number(in: 1...lines.count)) }
        return lines
    }

    /// Some of the lines in any order, now and then one of them twice or a stranger among them.
    private static func section(
        _ title: String, _ lines: [(inout CaseMaker) -> [UInt8]], _ maker: inout CaseMaker
    ) -> [[UInt8]] {
        let chosen = lines.filter { _ in maker.random.chance(0.55) }
        let repeated = maker.random.chance(0.1) ? chosen.prefix(1) : []
        var made = maker.random.shuffled(chosen + repeated).map { $0(&maker) }
        if maker.random.chance(maker.flaws / 4) { made.append(strayLine(&maker)) }
        let header = maker.flawed(
            title, ["[]", "[Interfaces]", "[Peer", "Peer]", "(Peer)", "[Interface][Peer]", "[Peer]x", "[wg0]"])
        return [header] + made
    }

    private static func line(_ key: String, _ value: [UInt8], _ maker: inout CaseMaker) -> [UInt8] {
        let separator = maker.random.pick([" = ", " = ", " = ", "=", "= ", " =", "\t=\t", "  =   "])
        return maker.word(key) + separator.bytes + value
    }

    /// What stands in other programs' files, in the wrong section, or nowhere.
    private static func strayLine(_ maker: inout CaseMaker) -> [UInt8] {
        maker.random.pick([
            "Address = 10.0.0.1/24", "DNS = 1.1.1.1", "MTU = 1420", "Table = off", "PreUp = true", "PostUp = ip link",
            "PostDown = x", "SaveConfig = true", "ListenPort = 5", "FwMark = 0", "PublicKey = x", "AllowedIPs =",
            "Endpoint = 1.2.3.4:5", "ListenPort = # none", "= 5", "=", "==", "key", ";comment", "//", "\"", "[",
            "AllowedIPs", "AllowedIPs == 1.1.1.1", "PersistentKeepalive: 25", "\u{feff}[Interface]", "FwMark =\0 5",
            "RemoveMe = true", String(repeating: "x", count: 5000),
        ]).bytes
    }

    /// Case, white space and comments, which mean nothing.
    private static func styled(_ line: [UInt8], _ maker: inout CaseMaker) -> [UInt8] {
        var line = line
        if maker.random.chance(0.1) {
            // A value may be base64, whose letters' case counts: only names are changed.
            let name = line.firstIndex(of: 0x3d) ?? line.count
            line = line[..<name].map(swappedCase) + line[name...]
        }
        if maker.random.chance(0.1), !line.isEmpty {
            let blank = maker.random.pick([" ", "\t", "\r", "\u{b}", "\u{c}", "     "]).bytes
            line.insert(contentsOf: blank, at: maker.random.below(line.count))
        }
        if maker.random.chance(0.1) {
            line += maker.random.pick(["#", " # comment", "#[Peer]", " ## = 5 #", "\0#", "\0x"]).bytes
        }
        if maker.random.chance(0.01) { line += String(repeating: " ", count: 100_000).bytes }
        return line
    }

    private static func swappedCase(_ byte: UInt8) -> UInt8 { 0x61...0x7a ~= byte | 0x20 ? byte ^ 0x20 : byte }

    private static func joined(_ lines: [[UInt8]], _ maker: inout CaseMaker) -> [UInt8] {
        let newline = maker.random.chance(0.1) ? "\r\n" : "\n"
        var text: [UInt8] = []
        for line in lines {
            if maker.random.chance(0.1) {
                text += maker.random.pick(["\n", "\n\n", "#\n", " \t\n", "# [Peer]\n", "\0\n"]).bytes
            }
            text += line + newline.bytes
        }
        if maker.random.chance(0.1), !text.isEmpty { text.removeLast() }
        return text
    }
}
