/// What a run of `wg` did, as far as anybody outside can tell.
struct Outcome: Sendable {
    var status: Int32
    var stdout: [UInt8]
    var stderr: [UInt8]
    /// The bytes of every request, with the name of the socket that it came to.
    var requests: [Request]
    /// What is left in the folder for sockets.
    var sockets: [String]

    struct Request: Equatable, Sendable {
        var socket: String
        var bytes: [UInt8]
    }

    /// The words of the messages are each program's own; whether there are any is not.
    func agrees(with other: Outcome) -> Bool {
        status == other.status && stdout == other.stdout && stderr.isEmpty == other.stderr.isEmpty
            && requests == other.requests && sockets == other.sockets
    }
}

extension Outcome: CustomStringConvertible {
    var description: String {
        var lines = [
            "status \(status), sockets \(sockets)", "stdout \(quoted(stdout))", "stderr \(quoted(stderr))",
        ]
        lines += requests.map { "asked \($0.socket): \(quoted($0.bytes))" }
        return lines.joined(separator: "\n")
    }
}
