import TestSupport
import Testing

/// Files that no editor writes.
@Suite(
    "Hostile configuration files", .serialized,
    .enabled(if: Arena.isPossible, "needs root, or a user namespace around it"))
struct ConfigurationFileTests {
    private static let peer = "[Peer]\nPublicKey = \(Key.base64)\n"

    static let good = [
        Hostile("empty", ""),
        Hostile("CRLF", "[Interface]\r\nListenPort = 5\r\n\(peer.replacing("\n", with: "\r\n"))"),
        Hostile("no final newline", peer + "AllowedIPs = 10.0.0.0/8"),
        Hostile("NUL behind a value", "[Interface]\nListenPort = 5\0junk\n"),
        Hostile("invalid UTF-8 in a comment", Array("# ".utf8) + [0xff, 0xc0] + Array("\n[Interface]\n".utf8)),
        Hostile("10 MB of newlines", endlessly: "\n"),
        Hostile("10 MB of spaces", endlessly: " "),
        Hostile("10 MB of NULs", endlessly: "\0"),
        Hostile("10 MB of comment", "#", endlessly: "x"),
        Hostile("10 MB of sections", endlessly: "[Interface]\n"),
        Hostile("10 MB of zeros", "[Interface]\nFwMark = 0x", endlessly: "0", "5\n"),
        Hostile("10 MB of spaces in a key", "[Peer]\nPublicKey = 4", endlessly: " ", String(Key.base64.dropFirst())),
        Hostile("10 MB of allowed-ips", peer + "AllowedIPs = ::/0", endlessly: ",10.0.0.0/8"),
        Hostile("10 MB of allowed-ips a line each", peer, endlessly: "AllowedIPs = 10.0.0.0/8\n"),
        Hostile("10 MB of peers", endlessly: peer),
    ]

    static let bad = [
        Hostile("10 MB without newline", endlessly: "x"),
        Hostile("10 MB with newline", endlessly: "x", "\n"),
        Hostile("10 MB of brackets", endlessly: "["),
        Hostile("10 MB of equals signs", endlessly: "="),
        Hostile("10 MB of base64", "[Interface]\nPrivateKey = ", endlessly: "A", "=\n"),
        Hostile("10 MB of port", "[Interface]\nListenPort = ", endlessly: "9"),
        Hostile("10 MB of service", "[Interface]\nListenPort = ", endlessly: "x"),
        Hostile("10 MB of mark", "[Interface]\nFwMark = ", endlessly: "9"),
        Hostile("10 MB of public key", "[Peer]\nPublicKey = ", endlessly: "A"),
        Hostile("10 MB of host", peer + "Endpoint = ", endlessly: "x", ":5"),
        Hostile("10 MB of labels", peer + "Endpoint = ", endlessly: "x.", ":5"),
        Hostile("10 MB of endpoint without port", peer + "Endpoint = ", endlessly: "x"),
        Hostile("10 MB of endpoint's port", peer + "Endpoint = 192.0.2.1:", endlessly: "9"),
        Hostile("10 MB of colons", peer + "Endpoint = ", endlessly: ":"),
        Hostile("10 MB of keepalive", peer + "PersistentKeepalive = ", endlessly: "9"),
        Hostile("10 MB of commas", peer + "AllowedIPs = ", endlessly: ","),
        Hostile("10 MB of address", peer + "AllowedIPs = ", endlessly: "1."),
        Hostile("10 MB of allowed-ips, the last one bad", peer + "AllowedIPs = ::/0", endlessly: ",10.0.0.0/8", ",x"),
        Hostile("10 MB of peers, the last one without key", endlessly: peer, "[Peer]\n"),
        Hostile("NUL first in a section's name", "[\0Interface]\n"),
        Hostile("invalid UTF-8", [0xff, 0xfe, 0xc0, 0x0a]),
        Hostile("invalid UTF-8 in a value", Array("[Interface]\nListenPort = ".utf8) + [0xf0, 0x80]),
        Hostile("byte order mark", "\u{feff}[Interface]\n"),
        Hostile("UTF-16", Array("[Interface]\n".utf16.flatMap { [UInt8($0 & 0xff), 0] })),
        Hostile("escapes", "\u{1b}[31m\u{9b}31m\n"),
        Hostile("CR without LF", "[Interface]\rListenPort = 5\r"),
    ]

    @Test("take effect where they are right", arguments: good)
    func takes(_ file: Hostile) async throws {
        for command in ["setconf", "addconf"] {
            var scene = Scene(command, "wg0", "file")
            scene.files["file"] = file.bytes
            try await scene.play().expectSuccess(requests: 1)
        }
    }

    @Test("change nothing where they are wrong", arguments: bad)
    func refuses(_ file: Hostile) async throws {
        for command in ["setconf", "syncconf"] {
            var scene = Scene(command, "wg0", "file")
            scene.files["file"] = file.bytes
            let ending = try await scene.play()
            ending.expectRefusal()
            #expect(ending.result.err.contains("file:"), "tells file and line: \(ending.result.err)")
        }
    }

    @Test("the same through a pipe", arguments: [good[10], bad[0]])
    func pipe(_ file: Hostile) async throws {
        var scene = Scene("setconf", "wg0", "/dev/stdin")
        scene.input = file.bytes
        let ending = try await scene.play()
        if Self.bad.contains(where: { $0.testDescription == file.testDescription }) {
            ending.expectRefusal()
        } else {
            ending.expectSuccess(requests: 1)
        }
    }

    @Test(
        "change nothing where there is nothing to read",
        arguments: ["missing", "/", "/proc/self/mem", "/etc/passwd/x", "", String(repeating: "x", count: 100_000)],
        ["setconf", "addconf", "syncconf"])
    func unreadable(path: String, command: String) async throws {
        try await Scene(command, "wg0", path).play().expectRefusal()
    }
}
