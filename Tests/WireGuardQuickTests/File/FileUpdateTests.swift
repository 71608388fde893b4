import ByteText
import Glibc
import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardQuick
import WireGuardText

@Suite("What a file tells wg(8)")
struct FileUpdateTests {
    private let stage: FileStage

    init() throws { stage = try FileStage() }

    private static let peer = "[Peer]\nPublicKey = \(SampleKeys.peer)\nAllowedIPs = 10.0.0.0/8\n"

    @Test("is what addconf of the stripped file would send")
    func likeStripped() throws {
        let text = """
            [Interface]
            Address = 10.0.0.1/24
            PrivateKey = \(SampleKeys.secret)
            ListenPort = 51820
            PostUp = true
            [Peer]
            PublicKey = \(SampleKeys.peer)
            AllowedIPs = 10.0.0.0/8, fd00::/8
            Endpoint = known.example:51820
            """
        let file = try stage.file(text)
        let configured = try file.update(stage, tolerant: false)
        var parser = ConfigParser(for: InterfaceName("wg0"), sources: stage)
        let lines = try file.stripped(stage).split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
        for line in lines { try parser.take(line: line.span) }
        let expected = try parser.finish()
        #expect(String(requesting: configured.update) == String(requesting: expected))
        #expect(configured.update.peers[0].endpoint?.port == 51820 && configured.unresolved == [])
    }

    @Test("takes keys from their files")
    func keyFiles() throws {
        try stage.put(SampleKeys.secret + "\n", "wg0.key")
        try stage.put(SampleKeys.other + "\n", "psk")
        let file = try stage.file("[Interface]\nPrivateKeyFile=%i.key\n" + Self.peer + "PresharedKeyFile = psk\n")
        let inline = try stage.file(
            "[Interface]\nPrivateKey=\(SampleKeys.secret)\n" + Self.peer + "PresharedKey = \(SampleKeys.other)\n")
        let update = try file.update(stage, tolerant: false).update
        let expected = try inline.update(stage, tolerant: false).update
        #expect(String(requesting: update) == String(requesting: expected))
    }

    @Test("a mistake is told by file and line, with or without looking names up", arguments: FileMistake.all)
    func mistakes(_ mistake: FileMistake) throws {
        let expected = "\(stage.folder)/wg0.conf:\(mistake.line): \(mistake.message)"
        #expect(try stage.refusal(mistake.text) == expected)
        let file = try stage.read()
        let failure = stage.failure(of: file, tolerant: true)
        #expect(failure?.description == expected && failure?.status == 1)
    }

    @Test("secrets are in no message")
    func secrets() throws {
        for line in ["PrivatKey = \(SampleKeys.secret)", "PrivateKey = \(SampleKeys.secret)x", "\(SampleKeys.secret)"] {
            let refusal = try #require(try stage.refusal("[Interface]\n\(line)\n"))
            #expect(!refusal.contains(SampleKeys.secret.prefix(20)), "\(refusal)")
        }
        let refusal = try #require(try stage.refusal("[Interface]\nPrivateKeyFile=\(SampleKeys.secret)\n"))
        #expect(refusal == "\(stage.folder)/wg0.conf:2: This key wants the path of a file, not what is in it")
    }

    @Test("looking a file through asks for no name")
    func check() throws {
        let file = try stage.file("[Interface]\n" + Self.peer + "Endpoint = unknown.example:1\n")
        try file.check(stage)
        let failure = stage.failure(of: file, tolerant: false)
        #expect(
            failure?.description
                == "\(stage.folder)/wg0.conf:5: Name or service not known: `unknown.example:1'")
    }

    @Test("with tolerance an endpoint that does not resolve is left out, and everything else is there")
    func tolerance() throws {
        let second = "[Peer]\nPublicKey = \(SampleKeys.secondPeer)\nEndpoint = known.example:51820\n"
        let text = "[Interface]\n" + Self.peer + "Endpoint = unknown.example:1\nPersistentKeepalive = 5\n" + second
        let file = try stage.file(text)
        let configured = try file.update(stage, tolerant: true)
        let without = try stage.file(text.replacing("Endpoint = unknown.example:1\n", with: ""))
        let expected = try without.update(stage, tolerant: false).update
        #expect(String(requesting: configured.update) == String(requesting: expected))
        #expect(
            configured.unresolved == ["\(stage.folder)/wg0.conf:5: Name or service not known: `unknown.example:1'"])
    }

    @Test("warnings name the file and the line once, and not when it is only looked through")
    func warnings() throws {
        let file = try stage.file("[Interface]\n[Peer]\nPublicKey = \(SampleKeys.peer)\nAllowedIPs = 10.0.0.1/8\n")
        try file.check(stage)
        #expect(stage.warnings == [])
        _ = try file.update(stage, tolerant: false)
        #expect(
            stage.warnings == ["\(stage.folder)/wg0.conf:4: AllowedIP has nonzero host part: 10.0.0.1/8"])
    }

    @Test("what is no file, or without end, is told")
    func unreadable() throws {
        mkdir(stage.folder + "/wg1.conf", 0o700)
        symlink("/dev/zero", stage.folder + "/wg2.conf")
        #expect {
            _ = try stage.read("wg1.conf")
        } throws: {
            "\($0)" == "Unable to read `\(stage.folder)/wg1.conf': Is a directory"
        }
        #expect {
            // The path is the link's end, whose name does not count.
            _ = try stage.read("wg2.conf")
        } throws: {
            "\($0)" == "`/dev/zero' is larger than 256 MiB"
        }
    }

    @Test("a line of a million characters is a line")
    func longLine() throws {
        let long = String(repeating: "x", count: 1 << 20)
        #expect(try stage.refusal("[Interface]\n# \(long)\n") == nil)
        let refusal = try #require(try stage.refusal("[Interface]\nPrivateKey\(long) = 1\n"))
        #expect(refusal.utf8.count < 500)
    }
}

/// A file with one mistake.
struct FileMistake: CustomTestStringConvertible, Sendable {
    let text: String
    let line: Int
    let message: String

    var testDescription: String { message }

    static let all = [
        FileMistake(
            text: "[Interface]\nAddress = 10.0.0.1/24\nAdress = 1\n", line: 3, message: "Line unrecognized: `Adress=1'"),
        FileMistake(text: "ListenPort = 5\n", line: 1, message: "Line unrecognized: `ListenPort=5'"),
        FileMistake(text: "\u{feff}[Interface]\n", line: 1, message: "Line unrecognized: `\u{feff}[Interface]'"),
        FileMistake(
            text: "[Interface]\r\nListenPort = x\r\n", line: 2, message: "Servname not supported: `x'"),
        FileMistake(
            text: "[Interface]\nMTU = 1420\n\n[Peer]\nAllowedIPs = 10.0.0.0/8\n", line: 4,
            message: "A peer is missing a public key"),
        FileMistake(
            text: "[Interface]\n[Peer]\nPublicKey = x\n", line: 3,
            message: "Key is not the correct length or format: `x'"),
        FileMistake(text: "[Interface]\nPrivateKey = x\n", line: 2, message: "Key is not the correct length or format"),
        FileMistake(
            text: "[Interface]\n[Peer]\nAllowedIPs = 10.0.0.0/33\n", line: 3,
            message: "AllowedIP is not in the correct format: `10.0.0.0/33'"),
        FileMistake(
            text: "[Interface]\n[Peer]\nEndpoint = host\n", line: 3, message: "Unable to find port of endpoint: `host'"),
        FileMistake(
            text: "[Interface]\nPresharedKeyFile = x\n", line: 2, message: "Line unrecognized: `PresharedKeyFile=x'"),
        FileMistake(text: "[Peer]\nDNS = 1.1.1.1\n", line: 2, message: "Line unrecognized: `DNS=1.1.1.1'"),
    ]
}
