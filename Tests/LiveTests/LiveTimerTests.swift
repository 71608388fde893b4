import Glibc
import TestSupport
import Testing

/// Timers of the daemon that only a change of the configuration shows.
@Suite("Timers of a tunnel", .enabled(if: Laboratory.isOpen, Laboratory.barrier))
struct LiveTimerTests {
    @Test("a persistent keepalive that came due without an endpoint reaches the peer once the endpoint is set")
    func lateEndpoint() throws {
        let (left, right) = try Laboratory.pair()
        try right.set(left.asCaller)
        try left.set(right.asCaller + ["persistent-keepalive", "2"])
        try left.laboratory.shell("sleep 5")
        #expect(try Session(of: left, with: right).latestHandshake == 0)
        try left.set(["peer", right.publicKey, "endpoint", right.endpoint])
        for _ in 0..<200 where try Session(of: left, with: right).latestHandshake == 0 {
            try left.laboratory.shell("sleep 0.1")
        }
        #expect(try Session(of: left, with: right).latestHandshake != 0)
        // The keepalives go on.
        let before = try Session(of: left, with: right).sent
        for _ in 0..<200 where try Session(of: left, with: right).sent < before + 64 {
            try left.laboratory.shell("sleep 0.1")
        }
        #expect(try Session(of: left, with: right).sent >= before + 64)
    }

    @Test("the first packet after down and up, or in another namespace, does not wait for a retry interval")
    func firstHandshakeAtOnce() throws {
        let (left, right) = try Laboratory.pair()
        try left.set(right.asPeer)
        try right.set(left.asPeer)
        #expect(try left.ping(right.addresses[0]) == 3)
        try expectPromptHandshake(with: right.addresses[0], in: left.laboratory) {
            try left.laboratory.shell("ip link set $0 down && ip link set $0 up", left.interface, on: left.name)
            return left.name
        }
        try left.laboratory.shell("ip netns add third")
        var (here, there) = (left.name, "third")
        try expectPromptHandshake(with: right.addresses[0], in: left.laboratory) {
            try left.laboratory.shell(
                """
                ip -n $0 link set $2 netns $1
                ip -n $1 address add $3/24 dev $2 && ip -n $1 link set $2 up
                """, here, there, left.interface, left.addresses[0])
            (here, there) = (there, here)
            return here
        }
    }

    /// Pings right after a change, which needs a handshake. The next change follows at once, and its ping is answered
    /// within 3 s: a handshake that waited until 5 s after the last one would be too late. A busy machine may need
    /// several tries. `change` returns the address to ping.
    private func expectPromptHandshake(
        with address: String, in laboratory: Laboratory, change: () throws -> String
    ) throws {
        for _ in 0..<5 {
            _ = try laboratory.run("ping", ["-c", "1", "-W", "10", address], on: change())
            // The peer passes over an initiation less than 50 ms after the last one, and the next comes 5 s later.
            usleep(100_000)
            if try laboratory.run("ping", ["-c", "1", "-W", "3", address], on: change()).status == 0 { return }
        }
        Issue.record("no ping was answered within 3 s")
    }
}
