import TestSupport
import Testing

/// Our daemon shakes hands with each of the others, and with itself.
@Suite("Our daemon", .enabled(if: Laboratory.isPossible, Laboratory.obstacle))
struct InteropTests {
    @Test("talks to", arguments: Daemon.installed, Node.Outside.allCases)
    func interoperates(with other: Daemon, over outside: Node.Outside) throws {
        let nodes = try Laboratory.nodes(
            [Node.Make(name: "ours", daemon: .ours), Node.Make(name: "other", daemon: other)])
        let key = try nodes[0].laboratory.write(nodes[0].laboratory.wg("genpsk"), to: "shared.psk")
        for secret in [[], ["preshared-key", key]] {
            for (caller, called) in [(nodes[0], nodes[1]), (nodes[1], nodes[0])] {
                try called.set(caller.asCaller + secret)
                try caller.set(called.asPeer(over: outside) + secret)
                try expectTraffic(from: caller, to: called)
                try called.set(["peer", caller.publicKey, "remove"])
                try caller.set(["peer", called.publicKey, "remove"])
            }
        }
    }

    private func expectTraffic(from caller: Node, to called: Node) throws {
        for address in called.addresses { #expect(try caller.ping(address) == 3, "\(caller.name) to \(address)") }
        for address in caller.addresses { #expect(try called.ping(address) == 3, "\(called.name) to \(address)") }
        let sessions = try (Session(of: caller, with: called), Session(of: called, with: caller))
        #expect(abs(sessions.0.latestHandshake - sessions.1.latestHandshake) <= 1)
        #expect(sessions.0.sent == sessions.1.received && sessions.0.received == sessions.1.sent)
    }
}
