import TestSupport
import Testing

/// What a daemon says that means harm, or was never finished.
@Suite(
    "Hostile daemons", .serialized, .enabled(if: Arena.isPossible, "needs root, or a user namespace around it"))
struct DaemonAnswerTests {
    private static let end = "errno=0\n\n"
    private static let peer = "public_key=\(Key.hex)\n"

    static let good = [
        Hostile("10 MB behind an unknown key", "unknown=", endlessly: "x", "\n" + end),
        Hostile("10 MB of unknown keys", endlessly: "unknown=x\n", end),
        Hostile("10 MB of digits", peer + "rx_bytes=", endlessly: "9", "\n" + end),
        Hostile("10 MB of zeros", "listen_port=", endlessly: "0", "5\n" + end),
        Hostile("10 MB of peers", endlessly: peer, end),
        Hostile("10 MB of allowed-ips", peer, endlessly: "allowed_ip=10.0.0.0/8\n", end),
        Hostile("10 MB behind the end", end, endlessly: "x"),
        Hostile("invalid UTF-8 of no meaning", Array("unknown=".utf8) + [0xff, 0xc0, 0x0a] + Array(end.utf8)),
        Hostile("the latest handshake of all", peer + "last_handshake_time_sec=9223372036854775807\n" + end),
    ]

    static let bad = [
        Hostile("empty", ""),
        Hostile("10 MB without newline", endlessly: "x"),
        Hostile("10 MB without equals sign", endlessly: "x", "\n" + end),
        Hostile("10 MB of NULs", endlessly: "\0", "\n" + end),
        Hostile("10 MB of equals signs, and no end", endlessly: "=", "\n"),
        Hostile("10 MB of private key", "private_key=", endlessly: "a", "\n" + end),
        Hostile("10 MB of public key", "public_key=", endlessly: "a", "\n" + end),
        Hostile("10 MB of port", "listen_port=", endlessly: "9", "\n" + end),
        Hostile("10 MB of endpoint", peer + "endpoint=", endlessly: "x", ":5\n" + end),
        Hostile("10 MB of brackets", peer + "endpoint=", endlessly: "[", "\n" + end),
        Hostile("10 MB of allowed-ip", peer + "allowed_ip=", endlessly: ":", "/0\n" + end),
        Hostile("10 MB of status", "errno=", endlessly: "9", "\n\n"),
        Hostile("10 MB of peers, and no end", endlessly: peer),
        Hostile("NUL", "fwmark=5\0\n" + end),
        Hostile("CRLF", "fwmark=5\r\nerrno=0\r\n\r\n"),
        Hostile("no final newline", "fwmark=5\nerrno=0\n"),
        Hostile("invalid UTF-8", [0xff, 0xfe, 0xc0, 0x0a] + Array(end.utf8)),
        Hostile("a status beyond all", "errno=4294967296\n\n"),
    ]

    private static let questions = [["show", "wg0"], ["show", "wg0", "dump"], ["showconf", "wg0"]]

    @Test("are shown where they are right", arguments: good, questions)
    func takes(_ answer: Hostile, question: [String]) async throws {
        try await scene(question, answer).play().expectSuccess(requests: 1)
    }

    @Test("show nothing where they are wrong", arguments: bad, questions)
    func refuses(_ answer: Hostile, question: [String]) async throws {
        try await scene(question, answer).play().expectFailure()
    }

    @Test("are not changed where they are wrong", arguments: bad)
    func synchronization(with answer: Hostile) async throws {
        var scene = scene(["syncconf", "wg0", "file"], answer)
        scene.files["file"] = Array("[Peer]\nPublicKey = \(Key.base64)\n".utf8)
        let ending = try await scene.play()
        ending.expectFailure()
        #expect(ending.requests.allSatisfy { $0 == Array("get=1\n\n".utf8) }, "\(ending.requests)")
    }

    @Test("are told of where they answer a change with nonsense", arguments: bad)
    func change(with answer: Hostile) async throws {
        var scene = Scene("set", "wg0", "fwmark", "5")
        scene.device = .init(toSet: answer.bytes, ending: .endsAfterAnswer)
        // A refusal's line, though the device was asked.
        let ending = try await scene.play()
        if !answer.isFineForChange { ending.expectFailure() }
    }

    private func scene(_ arguments: [String], _ answer: Hostile) -> Scene {
        var scene = Scene()
        scene.arguments = arguments.map { Array($0.utf8) }
        scene.device = .init(toGet: answer.bytes, ending: .endsAfterAnswer)
        return scene
    }
}

extension Hostile {
    /// Only its status is read of the answer to a change: bad values of other keys do not count.
    fileprivate var isFineForChange: Bool {
        let fields = ["private key", "public key", "port", "endpoint", "brackets", "allowed-ip"]
        return fields.contains { testDescription == "10 MB of " + $0 }
    }
}
