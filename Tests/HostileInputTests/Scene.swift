import Glibc
import TestSupport
import Testing

/// A run of our `wg` beside a device `wg0` that writes down what it is asked.
struct Scene: Sendable {
    var arguments: [[UInt8]]
    var files: [String: [UInt8]] = [:]
    var input: [UInt8] = []
    var device = FakeDevice.Behaviour(toGet: Array("errno=0\n\n".utf8))

    /// Names that cannot be looked up here are an error at once.
    private static let environment = ["WG_ENDPOINT_RESOLUTION_RETRIES": "0"]

    init(_ arguments: String...) { self.arguments = arguments.map { Array($0.utf8) } }

    /// Plays in an arena of its own.
    func play() async throws -> Ending {
        try await Arena.run {
            for (name, content) in files { try write(content, to: Arena.files + "/" + name) }
            let daemon = try FakeDevice(at: Arena.sockets + "/wg0.sock", device)
            let begin = now()
            let result = try run(
                Places.wg, bytes: arguments, environment: Self.environment, input: input, timeout: 20)
            return Ending(result: result, seconds: now() - begin, requests: daemon.stop())
        }
    }
}

/// What came of a scene.
struct Ending: Sendable {
    let result: RunResult
    let seconds: Double
    let requests: [[UInt8]]

    private static let longest = 5.0

    /// Refused with one clear line, soon, and without a word to the device.
    func expectRefusal(_ place: SourceLocation = #_sourceLocation) {
        #expect(requests.isEmpty, "asked the device", sourceLocation: place)
        expectFailure(place)
    }

    /// The same for a command that has to ask the device first.
    func expectFailure(_ place: SourceLocation = #_sourceLocation) {
        #expect(result.status == 1, "\(excerpt)", sourceLocation: place)
        #expect(result.stdout.isEmpty, "wrote \(result.stdout.count) bytes", sourceLocation: place)
        #expect(result.stderr.count < 1000, "\(excerpt)", sourceLocation: place)
        #expect(result.stderr.count > 1, "said nothing", sourceLocation: place)
        #expect(result.stderr.last == UInt8(ascii: "\n"), "\(excerpt)", sourceLocation: place)
        let controls = result.stderr.dropLast().filter { $0 < 0x20 || $0 == 0x7f }
        #expect(controls.isEmpty, "\(excerpt)", sourceLocation: place)
        expectHaste(place)
    }

    /// Done, soon, and without a word to the user.
    func expectSuccess(requests expected: Int, _ place: SourceLocation = #_sourceLocation) {
        #expect(result.status == 0, "\(excerpt)", sourceLocation: place)
        #expect(result.stderr.isEmpty, "\(excerpt)", sourceLocation: place)
        #expect(requests.count == expected, sourceLocation: place)
        expectHaste(place)
    }

    private func expectHaste(_ place: SourceLocation) {
        #expect(seconds < Self.longest, "took \(seconds) s", sourceLocation: place)
    }

    private var excerpt: String { String(decoding: result.stderr.prefix(1000), as: UTF8.self) }
}

private func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

private func write(_ content: [UInt8], to path: String) throws {
    guard let stream = fopen(path, "w") else { throw RunError(description: "\(path): errno \(errno)") }
    defer { fclose(stream) }
    guard fwrite(content, 1, content.count, stream) == content.count else {
        throw RunError(description: "\(path): errno \(errno)")
    }
}
