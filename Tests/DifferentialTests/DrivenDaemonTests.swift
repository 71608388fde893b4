import Glibc
import TestSupport
import Testing

private let twin = Places.peers + "/wireguard-go"
private let debian = Contender(path: "/usr/bin/wg")

/// Whoever configures our daemon with whatever is valid reads back from it what a `wireguard-go` would tell.
@Suite(
    "Our daemon and wireguard-go",
    .enabled(if: Arena.isPossible, "needs to be root, or in a user namespace"),
    .enabled(if: Places.exists("/dev/net/tun"), "needs /dev/net/tun"),
    .enabled(if: Places.exists(Places.daemon) && Places.exists(Places.wg), "needs our programs"),
    .enabled(
        if: Contender.isReferenceNewest && Places.exists(twin), "needs Tests/Peers/fetch"))
struct DrivenDaemonTests {
    private static let cases = Rounds.usual(200).flatMap { number in
        CaseKind.all.filter { ["set", "conf"].contains($0.name) }.map { kind in
            kind.makeValid(number, seed: DifferentialTests.seed)
        }
    }

    /// What Debian's wg does as well.
    private static let oldCases = cases.filter { scene in
        !VersionDifference.hasSignedAllowedIP(scene) && scene.arguments.first != "syncconf".bytes
    }

    @Test("tell ours and the newest wg the same")
    func newest() async throws {
        try await expectAgreement(on: Self.cases, [.reference, .ours], twinDrivenBy: .reference)
    }

    @Test("tell Debian's wg the same", .enabled(if: Places.exists(debian.path), "needs wireguard-tools"))
    func debians() async throws {
        try await expectAgreement(on: Self.oldCases, [debian, .ours], twinDrivenBy: debian)
    }

    private func expectAgreement(
        on cases: [Case], _ tools: [Contender], twinDrivenBy driver: Contender
    ) async throws {
        let expected = try await Self.states(of: twin, after: cases, by: driver)
        // Most of them do something.
        #expect(cases.count > 100 && zip(expected, expected.dropFirst()).count { $0 != $1 } > cases.count / 2)
        for tool in tools {
            let states = try await Self.states(of: Places.daemon, after: cases, by: tool)
            for (number, (state, expected)) in zip(states, expected).enumerated() where !state.agrees(with: expected) {
                Issue.record("by \(tool.path), case \(number): \(cases[number])\n\(state)\nwireguard-go:\n\(expected)")
                break
            }
        }
    }

    private static func states(of daemon: String, after cases: [Case], by tool: Contender) async throws -> [State] {
        try await Arena.run {
            let process = try start(daemon)
            defer {
                kill(process, SIGKILL)
                waitpid(process, nil, 0)
            }
            return try cases.map { try state(after: $0, by: tool) }
        }
    }

    private static func state(after scene: Case, by tool: Contender) throws -> State {
        for (name, file) in scene.files {
            remove(Arena.files + "/" + name)
            try file.put(at: Arena.files + "/" + name)
        }
        let result = try tool.start(scene)
        return State(status: result.status, dump: try run(tool.path, ["show", "wg0", "dump"]))
    }

    /// In the arena of this thread, with which it ends. Comes back when it listens.
    private static func start(_ daemon: String) throws -> pid_t {
        let nowhere = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(nowhere) }
        let process = try spawn(
            "setpriv", ["setpriv", "--pdeathsig", "KILL", daemon, "--foreground", "wg0"],
            descriptors: [nowhere, nowhere, nowhere])
        for _ in 0..<1000 where !isAnswered(Arena.sockets + "/wg0.sock") { usleep(10_000) }
        return process
    }

    /// Not asked by a `wg`, which removes a socket that nobody listens on yet.
    private static func isAnswered(_ path: String) -> Bool {
        let connection = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        defer { close(connection) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}

/// How a command ended, and what a dump tells after it.
private struct State: Equatable, CustomStringConvertible {
    private let status: [Int32]
    private let port: Int
    /// Daemons have an order of their own.
    private let others: [String]

    init(status: Int32, dump: RunResult) {
        self.status = [status, dump.status]
        var fields = dump.out.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        port = fields.first.flatMap { $0.count == 4 ? Int($0[2]) : nil } ?? -1
        if port >= 0 { fields[0].remove(at: 2) }
        others = fields.map { $0.map { Self.plainEndpoint(Self.sortedList($0)) }.joined(separator: " ") }.sorted()
    }

    /// Ours shows an IPv4-mapped IPv6 endpoint as the IPv4 endpoint that it stands for.
    private static func plainEndpoint(_ field: String) -> String {
        guard field.hasPrefix("[::ffff:"), field.contains("."), let end = field.firstIndex(of: "]") else {
            return field
        }
        return String(field.dropFirst("[::ffff:".count)[..<end] + field[field.index(after: end)...])
    }

    private static func sortedList(_ field: String) -> String {
        field.split(separator: ",").sorted().joined(separator: ",")
    }

    /// While the interface is down ours has no port where any will do, like the kernel; wireguard-go has one.
    func agrees(with expected: State) -> Bool {
        let firstOfAny = 32768
        return status == expected.status && others == expected.others
            && (port == expected.port || port == 0 && expected.port >= firstOfAny)
    }

    var description: String { "status \(status), port \(port)\n\(others.joined(separator: "\n"))" }
}
