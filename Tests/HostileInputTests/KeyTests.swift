import TestSupport
import Testing

/// Key files, and keys on standard input.
@Suite(
    "Hostile keys", .serialized, .enabled(if: Arena.isPossible, "needs root, or a user namespace around it"))
struct KeyTests {
    static let good = [
        Hostile("no final newline", Key.base64),
        Hostile("CRLF", Key.base64 + "\r\n"),
        Hostile("10 MB of spaces behind it", Key.base64, endlessly: " "),
        Hostile("10 MB of newlines behind it", Key.base64, endlessly: "\n"),
    ]

    static let bad = [
        Hostile("10 MB without newline", endlessly: "A"),
        Hostile("10 MB with newline", endlessly: "A", "\n"),
        Hostile("10 MB of NULs", endlessly: "\0"),
        Hostile("10 MB behind the key", Key.base64 + "\n", endlessly: "x"),
        Hostile("10 MB of spaces and a letter behind the key", Key.base64, endlessly: " ", "x"),
        Hostile("10 MB of spaces before the key", endlessly: " ", Key.base64),
        Hostile("only a newline", "\n"),
        Hostile("a character too few", String(Key.base64.dropLast())),
        Hostile("invalid UTF-8", [UInt8](repeating: 0xff, count: 44)),
        Hostile("invalid UTF-8 behind the key", Array(Key.base64.utf8) + [0xff]),
        Hostile("NUL within the key", Key.base64.replacing("J", with: "\0")),
        Hostile("byte order mark", "\u{feff}" + Key.base64),
    ]

    private static let words = [["private-key"], ["peer", Key.otherBase64, "preshared-key"]]

    @Test("in files take effect where they are right", arguments: good + [Hostile("empty", "")], words)
    func goodFile(_ file: Hostile, words: [String]) async throws {
        try await scene(of: file, words).play().expectSuccess(requests: 1)
    }

    @Test(
        "in files change nothing where they are wrong, and stay secret",
        arguments: bad + [Hostile("NULs behind the key", Key.base64 + "\0\0")], words)
    func badFile(_ file: Hostile, words: [String]) async throws {
        let ending = try await scene(of: file, words).play()
        ending.expectRefusal()
        #expect(!ending.result.err.contains(Key.base64.prefix(20)), "\(ending.result.err)")
    }

    private func scene(of file: Hostile, _ words: [String]) -> Scene {
        var scene = Scene("set", "wg0", "fwmark", "5")
        scene.arguments += (words + ["file"]).map { Array($0.utf8) }
        scene.files["file"] = file.bytes
        return scene
    }

    @Test(
        "change nothing where there is no file to read",
        arguments: ["missing", "/", "/proc/self/mem", "/dev/zero", "/etc/passwd/x", "", Key.base64])
    func unreadable(path: String) async throws {
        let ending = try await Scene("set", "wg0", "private-key", path).play()
        ending.expectRefusal()
        #expect(!ending.result.err.contains(Key.base64), "\(ending.result.err)")
    }

    @Test(
        "on standard input become public keys",
        arguments: good + [Hostile("10 MB of NULs behind it", Key.base64, endlessly: "\0")])
    func goodInput(_ input: Hostile) async throws {
        var scene = Scene("pubkey")
        scene.input = input.bytes
        let ending = try await scene.play()
        ending.expectSuccess(requests: 0)
        #expect(ending.result.stdout.count == 45)
    }

    @Test("on standard input are refused, and stay secret", arguments: bad + [Hostile("empty", "")])
    func badInput(_ input: Hostile) async throws {
        var scene = Scene("pubkey")
        scene.input = input.bytes
        let ending = try await scene.play()
        ending.expectRefusal()
        #expect(!ending.result.err.contains(Key.base64.prefix(20)), "\(ending.result.err)")
    }
}
