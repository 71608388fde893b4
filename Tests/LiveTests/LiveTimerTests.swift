import TestSupport
import Testing

/// Timers of the daemon that only changes of configuration show.
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
        // And they go on.
        let before = try Session(of: left, with: right).sent
        for _ in 0..<200 where try Session(of: left, with: right).sent < before + 64 {
            try left.laboratory.shell("sleep 0.1")
        }
        #expect(try Session(of: left, with: right).sent >= before + 64)
    }

    /// A handshake that waited for 5 s since the last one, as those of one session do, would come too late.
    @Test("the first packet after down and up, or in another namespace, does not wait for a retry interval")
    func firstHandshakeAtOnce() throws {
        let (left, right) = try Laboratory.pair()
        let laboratory = left.laboratory
        try left.set(right.asPeer)
        try right.set(left.asPeer)
        #expect(try left.ping(right.addresses[0]) == 3)
        try laboratory.shell(
            """
            ip link set $0 down && ip link set $0 up
            ping -c 1 -W 3 $1
            """, left.interface, right.addresses[0], on: left.name)
        try laboratory.shell(
            """
            ip netns add third && ip -n left link set $0 netns third
            ip -n third address add $1/24 dev $0 && ip -n third link set $0 up
            ip netns exec third ping -c 1 -W 3 $2
            """, left.interface, left.addresses[0], right.addresses[0])
    }
}
