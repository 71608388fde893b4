import Glibc
import TestSupport
import Testing

/// Words that nobody types; none of them reaches a device in part.
@Suite(
    "Hostile arguments", .serialized, .enabled(if: Arena.isPossible, "needs root, or a user namespace around it"))
struct SetArgumentTests {
    /// The kernel takes 128 KiB a word, its NUL included.
    private static let longest = String(repeating: "x", count: 131_071)

    static let bad: [[String]] = [
        [longest],
        ["listen-port", longest],
        ["listen-port", longest.replacing("x", with: "9")],
        ["fwmark", longest],
        ["private-key", longest],
        ["peer", longest],
        ["peer", Key.base64, longest],
        ["peer", Key.base64, "preshared-key", longest],
        ["peer", Key.base64, "endpoint", longest],
        ["peer", Key.base64, "endpoint", longest.dropLast(2) + ":5"],
        ["peer", Key.base64, "persistent-keepalive", longest.replacing("x", with: "9")],
        ["peer", Key.base64, "allowed-ips", longest],
        ["peer", Key.base64, "allowed-ips", longest.replacing("x", with: ",")],
        ["listen-port", "5", "peer", Key.base64, "allowed-ips", "10.0.0.0/8", "peer", "x"],
        ["listen-port", "5\r\n"],
        ["peer", Key.base64, "endpoint", "127.0.0.1:5\nremove=true"],
        ["peer", Key.base64, "\u{1b}[31m"],
    ]

    @Test("are refused as a whole", arguments: bad.indices)
    func refuses(_ index: Int) async throws {
        var scene = Scene("set", "wg0")
        scene.arguments += Self.bad[index].map { Array($0.utf8) }
        try await scene.play().expectRefusal()
    }

    @Test(
        "are refused as a whole where they are no UTF-8", arguments: ["listen-port", "fwmark", "private-key", "peer"])
    func invalidUTF8(of word: String) async throws {
        var scene = Scene("set", "wg0", word)
        scene.arguments.append([0xff, 0xc0, 0x80, 0x9b])
        try await scene.play().expectRefusal()
    }

    @Test("are taken, as many as the kernel passes on")
    func many() async throws {
        var scene = Scene("set", "wg0")
        for number in 0..<10_000 {
            let words = ["peer", Key.base64, "allowed-ips", "10.\(number / 256).\(number % 256).0/24"]
            scene.arguments += words.map { Array($0.utf8) }
        }
        try await scene.play().expectSuccess(requests: 1)
    }

    @Test("are taken, as long as the kernel passes on")
    func long() async throws {
        var scene = Scene("set", "wg0", "peer", Key.base64, "allowed-ips")
        scene.arguments.append(Array(repeatElement(Array("10.0.0.0/8,".utf8), count: 11_915).joined().dropLast()))
        try await scene.play().expectSuccess(requests: 1)
    }

    @Test("for an interface with such a name are refused", arguments: ["set", "setconf", "show", "showconf"])
    func interfaceName(of command: String) async throws {
        var scene = Scene(command, Self.longest)
        if command == "set" { scene.arguments += ["fwmark", "1"].map { Array($0.utf8) } }
        if command == "setconf" { scene.arguments.append(Array("/dev/null".utf8)) }
        try await scene.play().expectRefusal()
    }
}
