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
