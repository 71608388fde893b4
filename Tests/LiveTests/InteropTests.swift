import TestSupport
import Testing

/// Our daemon shakes hands with each of the others, and with itself.
@Suite("Our daemon", .enabled(if: Laboratory.isOpen, Laboratory.barrier))
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

    /// What one joins to large packets the other has to cut, and the reverse.
    @Test("exchanges streams with", arguments: Daemon.installed.filter { $0 != .ours }, Node.Outside.allCases)
    func streams(with other: Daemon, over outside: Node.Outside) throws {
        let nodes = try Laboratory.nodes(
            [Node.Make(name: "ours", daemon: .ours), Node.Make(name: "other", daemon: other)])
        try nodes[0].set(nodes[1].asPeer(over: outside))
        try nodes[1].set(nodes[0].asPeer(over: outside))
        for address in nodes[1].addresses { try Stream.expect(from: nodes[0], to: nodes[1], at: address) }
    }

    private func expectTraffic(from caller: Node, to called: Node) throws {
        for address in called.addresses { #expect(try caller.ping(address) == 3, "\(caller.name) to \(address)") }
        for address in caller.addresses { #expect(try called.ping(address) == 3, "\(called.name) to \(address)") }
        let sessions = try (Session(of: caller, with: called), Session(of: called, with: caller))
        #expect(abs(sessions.0.latestHandshake - sessions.1.latestHandshake) <= 1)
        #expect(sessions.0.sent == sessions.1.received && sessions.0.received == sessions.1.sent)
    }
}
