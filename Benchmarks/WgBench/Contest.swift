import Glibc
import TestSupport

/// A command that both programs run.
struct Challenge {
    enum Comparison {
        case equal
        /// Except for what changes from second to second.
        case equalButAges
        /// Random, of the same length.
        case equalLength
    }

    let name: String
    /// Nil for one that touches no interface.
    var peers: Int?
    let arguments: [String]
    var input = "/dev/null"
    let runs: Int
    var comparison = Comparison.equal
}

/// Both programs' measurements for one challenge, in the order of the runs.
struct Row {
    let challenge: Challenge
    var ours: [Measurement] = []
    var reference: [Measurement] = []

    /// Median over pairs that ran next to each other, so that what else the machine does counts for both.
    func ratio(_ quantity: KeyPath<Measurement, Double>) -> Double {
        zip(ours, reference).map { $0[keyPath: quantity] / max($1[keyPath: quantity], 1e-9) }.median
    }
}

/// Our program and the reference, run in turn.
struct Contest {
    let launcher: String
    let ours: String
    let reference: String
    /// Where files may be put.
    let folder: String

    /// Compares what both do once, then measures. They must do the same.
    func hold(_ challenge: Challenge, on device: LargeDevice? = nil) throws -> Row {
        try compare(challenge, device)
        tell("\(challenge.name) \(challenge.peers.map(String.init) ?? "")")
        var row = Row(challenge: challenge)
        for _ in 0..<challenge.runs {
            row.ours.append(try launch(ours, challenge))
            row.reference.append(try launch(reference, challenge))
        }
        return row
    }

    /// One run of the reference, which leaves its output in a file.
    func write(_ file: String, from arguments: [String]) throws {
        try launch(reference, Challenge(name: file, arguments: arguments, runs: 1), output: file)
    }

    private func compare(_ challenge: Challenge, _ device: LargeDevice?) throws {
        let answers = try [ours, reference].map { program in
            let output = folder + "/output"
            device?.startRecording()
            try launch(program, challenge, output: output)
            return (output: try readFile(output), requests: device?.finishRecording())
        }
        guard challenge.comparison.holds(answers[0].output, answers[1].output) else {
            throw RunError(description: "\(challenge.name): the outputs differ, so there is nothing to measure")
        }
        guard answers[0].requests == answers[1].requests else {
            throw RunError(description: "\(challenge.name): the devices are asked differently")
        }
    }

    @discardableResult
    private func launch(_ program: String, _ challenge: Challenge, output: String = "/dev/null") throws -> Measurement {
        let result = try run(launcher, [challenge.input, output, program, "wg"] + challenge.arguments)
        return try Measurement(
            launched: result.out, running: "\(program) \(challenge.arguments.joined(separator: " "))")
    }
}

extension Challenge.Comparison {
    fileprivate func holds(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        switch self {
        case .equal: left == right
        case .equalLength: left.count == right.count
        case .equalButAges: withoutAges(left) == withoutAges(right)
        }
    }

    private func withoutAges(_ output: [UInt8]) -> [ArraySlice<UInt8>] {
        output.split(separator: UInt8(ascii: "\n")).filter { !$0.starts(with: "  latest handshake: ".utf8) }
    }
}

func readFile(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "r") else { throw RunError(description: "\(path): cannot be read") }
    defer { fclose(file) }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { content += chunk[..<count] }
    return content
}

/// Writes a line beside the report.
func tell(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
