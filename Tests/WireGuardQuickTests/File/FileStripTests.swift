import ByteText
import Glibc
import TestSupport
import Testing
import WireGuardQuick

@Suite("A file without wg-quick's own lines")
struct FileStripTests {
    private let stage: FileStage

    init() throws { stage = try FileStage() }

    private func stripped(_ text: String) throws -> String {
        let file = try stage.file(text)
        return String(decoding: try file.stripped(stage), as: UTF8.self)
    }

    @Test("keeps every other line, without blanks at its ends, and adds an empty one")
    func lines() throws {
        let text = "# top\n[Interface]\n \tPrivateKey = a \nMTU = 5\n[Peer]\n\nMTU = 6\r\nlast"
        #expect(try stripped(text) == "# top\n[Interface]\nPrivateKey = a\n[Peer]\n\nMTU = 6\r\nlast\n\n")
        #expect(try stripped("") == "\n")
    }

    @Test("loses NUL bytes, as it always did")
    func nul() throws {
        try stage.put(Array("[Interface]\nM\u{0}TU = 5\nPriv\u{0}ateKey = x\n".utf8))
        let file = try stage.read()
        #expect(try file.stripped(stage) == Array("[Interface]\nPrivateKey = x\n\n".utf8))
    }

    @Test("is what the reference prints, whatever the file", .enabled(if: ReferenceQuick.isThere && getuid() == 0))
    func reference() throws {
        var writer = FileWriter(SeededRandom(51820))
        for round in Rounds.usual(100) {
            let bytes = writer.file()
            let path = try stage.put(bytes)
            let theirs = try ReferenceQuick.run(["strip", path])
            let ours = outcome(of: path)
            #expect(
                ours.status == theirs.status && ours.output == theirs.stdout,
                "round \(round): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
        }
    }

    private func outcome(of path: String) -> (status: Int32, output: [UInt8]) {
        do {
            let file = try QuickFile(toStrip: ConfigurationName(ByteString(path)))
            return (0, try file.stripped(stage))
        } catch {
            return (1, [])
        }
    }

    @Test("has the keys themselves in place of their files")
    func keyFiles() throws {
        try stage.put(SampleKeys.secret + "\n", "secret.key")
        try stage.put(SampleKeys.other, "wg0.psk")
        let text =
            "[Interface]\nprivatekeyfile = secret.key # the key\n[Peer]\n PresharedKeyFile=\(stage.folder)/%i.psk\n"
        let expected = "[Interface]\nPrivateKey = \(SampleKeys.secret)\n[Peer]\nPresharedKey = \(SampleKeys.other)\n\n"
        #expect(try stripped(text) == expected)
        #expect(stage.warnings == [])
    }

    @Test("cannot be had where a key file cannot be read")
    func badKeyFile() throws {
        try stage.put(SampleKeys.secret.dropLast(2) + "\n", "short.key")
        try stage.put("", "empty.key")
        for (path, reason) in [
            ("gone.key", "Unable to read key file `\(stage.folder)/gone.key': No such file or directory"),
            ("short.key", "Invalid length key in key file: `\(stage.folder)/short.key'"),
            ("/dev/null", "The key file is empty: `/dev/null'"),
            ("empty.key", "The key file is empty: `\(stage.folder)/empty.key'"),
            ("", "Invalid length key in key file: `\(stage.folder)/'"),
        ] {
            let file = try stage.file("[Interface]\nPrivateKeyFile = \(path)\n")
            var failure = ""
            do { _ = try file.stripped(stage) } catch { failure = "\(error)" }
            #expect(failure == "\(stage.folder)/wg0.conf:2: \(reason)")
        }
    }

    @Test("comes with a warning where a key file is open to everybody")
    func openKeyFile() throws {
        let path = try stage.put(SampleKeys.secret, "secret.key", mode: 0o644)
        chmod(stage.folder, 0o755)
        _ = try stripped("[Interface]\nPrivateKeyFile = secret.key\n")
        #expect(stage.warnings == ["`\(path)' is world accessible"])
    }
}

/// Writes files of the words that these files are made of, in any order, so that most make little sense.
struct FileWriter {
    private var random: SeededRandom

    private static let headers = ["[Interface]", "[interface]", "[Peer]", "[ Interface ]", "[x", "[Interface]#c", "["]
    private static let keys = [
        "Address", "DNS", "MTU", "table", "PREUP", "PostUp", "PreDown", "PostDown", "PrivateKey", "ListenPort",
        "FwMark", "PublicKey", "AllowedIPs", "Endpoint", "PersistentKeepalive", "Adress", "Mtu Table", "",
    ]
    private static let values = [
        "10.0.0.1/24", "fd00::1/64, 10.0.0.2", "1420", "off", "auto", "echo # hi", "a = b", "x\\", "$HOME `id`", "",
        "*",
        "\u{e4}\u{f6}", "%i", "\u{ff}",
    ]
    private static let spaces = ["", "", " ", "\t", "  ", "\r", "\u{b}", " \t "]
    private static let endings = ["\n", "\n", "\n", "\r\n", " \n", "\t\r\n", "\n\n"]

    init(_ random: SeededRandom) { self.random = random }

    mutating func file() -> [UInt8] {
        var text = random.once(in: 3) ? "" : "[Interface]\n"
        for _ in 0..<random.below(24) { text += line() }
        if random.once(in: 3) { text += random.pick(Self.keys) + "=" + random.pick(Self.values) }
        var bytes = Array(text.utf8)
        if random.once(in: 4) { bytes = random.mutated(bytes, alphabet: Array("[]#= \t\r\n\0\\".utf8)) }
        return bytes
    }

    private mutating func line() -> String {
        var line = random.pick(Self.spaces)
        switch random.below(8) {
        case 0: line += random.pick(Self.headers)
        case 1: line += "#" + random.pick(Self.keys) + "=" + random.pick(Self.values)
        case 2: line += random.pick(Self.values)
        case 3: line += "SaveConfig = " + random.pick(["true", "false", "TRUE "])
        default:
            line += random.pick(Self.keys) + random.pick(Self.spaces) + "=" + random.pick(Self.spaces)
            line += random.pick(Self.values)
        }
        return line + random.pick(Self.endings)
    }
}
