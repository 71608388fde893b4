import TestSupport
import Testing

/// A daemon that died leaves its socket; one that dies while it is asked leaves the question open.
@Suite("A dying daemon", .enabled(if: Laboratory.isPossible, Laboratory.obstacle))
struct DyingDaemonTests {
    private static let commands = [
        ["show"], ["show", "interfaces"], ["show", "all", "dump"], ["show", "wg0"], ["showconf", "wg0"],
        ["set", "wg0", "listen-port", "7"], ["syncconf", "wg0", "/run/laboratory/peer.conf"],
    ]

    @Test("leaves a socket that is cleared away", arguments: commands, Daemon.representatives)
    func isDead(_ command: [String], _ daemon: Daemon) throws {
        let outcomes = try Tool.allCases.map { tool in
            let laboratory = try Self.laboratory()
            try laboratory.start(daemon, "wg0").kill()
            #expect(try Self.sockets(in: laboratory) == "wg0.sock\n")
            let result = try laboratory.wg(tool, command)
            #expect(try Self.sockets(in: laboratory) == "", "\(tool)")
            return Sight(result)
        }
        #expect(outcomes[0] == outcomes[1])
    }

    @Test("is told of as the reference does", arguments: commands, Daemon.representatives)
    func dies(_ command: [String], _ daemon: Daemon) throws {
        let outcomes = try Tool.allCases.map { tool in
            let laboratory = try Self.laboratory()
            let daemon = try laboratory.start(daemon, "wg0")
            return Sight(try laboratory.run("bash", ["-c", Self.killing, daemon.number, tool.path] + command))
        }
        #expect(outcomes[0] == outcomes[1])
    }

    /// Stops the daemon, has it asked, and kills it when the one who asks waits for the answer.
    private static let killing = """
        kill -STOP $0
        while cut -d ' ' -f 3 /proc/$0/task/*/stat | grep -qv T; do :; done
        "$@" & asking=$!
        until [[ $(cut -d ' ' -f 3 /proc/$asking/stat) == S && $(readlink /proc/$asking/fd/*) == *socket:* ]]; do
            kill -0 $asking || break
        done 2>/dev/null
        kill -KILL $0
        wait $asking
        """

    @Test("takes its socket along when its interface goes", arguments: Daemon.installed)
    func isDeleted(_ daemon: Daemon) throws {
        let laboratory = try Laboratory()
        let process = try laboratory.start(daemon, "wg0")
        try laboratory.shell("ip link delete wg0")
        try process.wait()
        #expect(try laboratory.wg("show") == "")
        #expect(try laboratory.look(View(arguments: ["show", "wg0"]), with: .ours).status == 1)
    }

    private static func laboratory() throws -> Laboratory {
        let laboratory = try Laboratory()
        let peer = try Identity("peer", in: laboratory)
        try laboratory.write("[Peer]\nPublicKey = \(peer.publicKey)\n", to: "peer.conf")
        return laboratory
    }

    private static func sockets(in laboratory: Laboratory) throws -> String {
        try laboratory.shell("ls -A /var/run/wireguard")
    }
}
