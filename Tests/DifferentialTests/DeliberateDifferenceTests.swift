import TestSupport
import Testing

/// Where ours differs from the reference because it means to: no other case may.
extension DifferentialTests {
    @Test("a configuration file that cannot be read changes nothing", arguments: ["setconf", "addconf", "syncconf"])
    func unreadableConfiguration(of command: String) async throws {
        let scene = Case(
            arguments: [command, "wg0", "folder"].map(\.bytes), files: ["folder": .directory],
            folder: .holding([.device("wg0", .init(toGet: "errno=0\n\n".bytes))]))
        for bout in try await Bout.of([scene]) {
            #expect(bout.ours.refusesInOneLine && bout.ours.requests.isEmpty, "\(bout)")
            // The reference takes it for an empty file.
            #expect(bout.reference.requests.count == 1, "\(bout)")
        }
    }

    /// B2: the pipe of `wg syncconf wg0 <(wg-quick strip wg0)` if strip fails. The reference removes all peers.
    @Test(
        "a pipe from which no configuration came changes nothing",
        arguments: ["setconf", "syncconf"],
        ["true", "false", "echo", "printf ' \\n\\t\\n'", "echo '# comment'", "exec cat no-such-file 2>/dev/null"])
    func emptyPipe(of command: String, writer: String) async throws {
        let folder = Case.Folder.holding([.device("wg0", .init(toGet: "errno=0\n\n".bytes))])
        let lines = [
            "sh writer | \"$0\" \(command) wg0 /dev/stdin",
            "mkfifo fifo; sh writer >fifo & exec \"$0\" \(command) wg0 fifo",
            "exec bash -c '\"$0\" \(command) wg0 <(sh writer)' \"$0\"",
        ]
        let files: [String: Case.File] = ["writer": .text(writer.bytes)]
        for bout in try await Bout.of(lines.map { Case(shell: $0, files: files, folder: folder) }) {
            #expect(bout.ours.refusesInOneLine && bout.ours.requests.isEmpty, "\(bout)")
            #expect(String(decoding: bout.ours.stderr, as: UTF8.self).hasPrefix("No configuration came from the pipe"))
            #expect(bout.reference.status == 0 && bout.reference.requests.count == 1, "\(bout)")
        }
    }

    /// B2: addconf would remove nothing, and the reference's wg-quick pipes it blank lines for an empty file.
    @Test("addconf refuses a pipe from which nothing came, and takes one with blank lines")
    func emptyPipeOfAddconf() async throws {
        let folder = Case.Folder.holding([.device("wg0", .init(toGet: "errno=0\n\n".bytes))])
        for bout in try await Bout.of([Case(shell: "true | \"$0\" addconf wg0 /dev/stdin", folder: folder)]) {
            #expect(bout.ours.refusesInOneLine && bout.ours.requests.isEmpty, "\(bout)")
        }
        let lines = ["echo | \"$0\" addconf wg0 /dev/stdin", "echo '#' | \"$0\" addconf wg0 /dev/stdin"]
        for bout in try await Bout.of(lines.map { Case(shell: $0, folder: folder) }) {
            #expect(bout.isDraw && bout.ours.status == 0, "\(bout)")
        }
    }

    /// B2: the usual ways to clear an interface still clear it.
    @Test(
        "an empty file, /dev/null, and a pipe with an empty section clear the interface",
        arguments: ["setconf", "syncconf", "addconf"])
    func emptyFile(of command: String) async throws {
        let folder = Case.Folder.holding([.device("wg0", .init(toGet: "errno=0\n\n".bytes))])
        let lines = [
            "\"$0\" \(command) wg0 /dev/null", ">empty; \"$0\" \(command) wg0 empty",
            ">empty; \"$0\" \(command) wg0 /dev/stdin <empty", "echo '# nothing' >file; \"$0\" \(command) wg0 file",
            "echo '[Interface]' | \"$0\" \(command) wg0 /dev/stdin",
        ]
        for bout in try await Bout.of(lines.map { Case(shell: $0, folder: folder) }) {
            #expect(bout.isDraw && bout.ours.status == 0, "\(bout)")
        }
    }

    /// B3: the reference says "Warning: AllowedIP has ..." whatever the file.
    @Test("a warning begins with that word, then file and line", arguments: ["setconf", "addconf", "syncconf"])
    func warning(of command: String) async throws {
        let key = String(decoding: KeyText.base64([UInt8](repeating: 7, count: 32)), as: UTF8.self)
        let text = "[Interface]\n[Peer]\nPublicKey = \(key)\nAllowedIPs = 10.0.0.1/24\n"
        let scene = Case(
            arguments: [command, "wg0", "wg0.conf"].map(\.bytes), files: ["wg0.conf": .text(text.bytes)],
            folder: .holding([.device("wg0", .init(toGet: "errno=0\n\n".bytes))]))
        for bout in try await Bout.of([scene]) {
            let said = String(decoding: bout.ours.stderr, as: UTF8.self)
            #expect(said == "Warning: wg0.conf:4: AllowedIP has nonzero host part: 10.0.0.1/24\n", "\(bout)")
            #expect(bout.ours.status == 0, "\(bout)")
        }
    }

    @Test("output that cannot be written is an error", arguments: ["genkey", "show wg0", "showconf wg0", "help"])
    func unwritableOutput(of command: String) async throws {
        let folder = Case.Folder.holding([.device("wg0", .init(toGet: "listen_port=5\nerrno=0\n\n".bytes))])
        let scenes = [">/dev/full", ">&-"].map { Case(shell: "exec \"$0\" \(command) \($0)", folder: folder) }
        for bout in try await Bout.of(scenes) {
            #expect(bout.ours.refusesInOneLine, "\(bout)")
            #expect(bout.reference.status == 0, "\(bout)")
        }
    }

    @Test("the version line names both programs", arguments: ["version", "--version", "-v"])
    func version(by word: String) async throws {
        for bout in try await Bout.of([Case(arguments: [word.bytes])]) {
            #expect(bout.ours.status == 0 && bout.ours.stderr.isEmpty, "\(bout)")
            #expect(bout.ours.stdout.starts(with: "wireguard-tools v1.0.20260223 (wireguard-swift v".bytes), "\(bout)")
        }
    }

    /// The reference asks the resolver, and crashes where that knows no answer.
    @Test(
        "an endpoint that is no address breaks a device's answer",
        arguments: ["host.invalid:5", "localhost:5", "[::x]:5"])
    func namedEndpoint(_ endpoint: String) async throws {
        let key = String(repeating: "5", count: 64)
        let answer = "public_key=\(key)\nendpoint=\(endpoint)\nerrno=0\n\n".bytes
        let scene = Case(
            arguments: ["show".bytes, "wg0".bytes], folder: .holding([.device("wg0", .init(toGet: answer))]))
        for bout in try await Bout.of([scene]) {
            #expect(bout.ours.refusesInOneLine && bout.ours.stdout.isEmpty, "\(bout)")
        }
    }
}

extension Outcome {
    fileprivate var refusesInOneLine: Bool { status == 1 && Messages(stderr).complaints == 1 }
}
