import Glibc
import TestSupport

/// A fleet behind a socket, and the commands that are measured on it.
struct LargeDevice {
    private let fleet: Fleet
    private let server: MemoryServer
    private let name = "wgbench\(getpid())"
    private let configuration: String
    private let driftedConfiguration: String

    init(_ fleet: Fleet, arena: Contest) throws {
        self.fleet = fleet
        (configuration, driftedConfiguration) = (arena.folder + "/whole.conf", arena.folder + "/drifted.conf")
        // The reference itself writes the files that setconf and syncconf read.
        let drifted = try MemoryServer(interface: name, answer: fleet.driftedAnswer)
        defer { drifted.stop() }
        try arena.write(driftedConfiguration, from: ["showconf", name])
        drifted.stop()
        server = try MemoryServer(interface: name, answer: fleet.answer)
        try arena.write(configuration, from: ["showconf", name])
    }

    func stop() { server.stop() }

    func startRecording() { server.startRecording() }

    func finishRecording() -> [[UInt8]] { server.finishRecording() }

    var challenges: [Challenge] {
        [
            challenge("show", ["show", name], .equalButAges),
            challenge("show dump", ["show", name, "dump"]),
            challenge("showconf", ["showconf", name]),
            challenge("setconf", ["setconf", name, configuration]),
            challenge("syncconf", ["syncconf", name, driftedConfiguration]),
        ]
    }

    private func challenge(
        _ command: String, _ arguments: [String], _ comparison: Challenge.Comparison = .equal
    ) -> Challenge {
        Challenge(
            name: command, peers: fleet.peers, arguments: arguments, runs: fleet.peers < 100_000 ? 15 : 5,
            comparison: comparison)
    }
}
