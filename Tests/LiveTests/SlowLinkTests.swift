import TestSupport
import Testing

/// Peers behind links of their own, of which one hardly moves.
@Suite(
    "Slow links", .enabled(if: Laboratory.isOpen, Laboratory.barrier),
    .enabled(if: Laboratory.canSlowDown, "needs tc and a kernel with sch_tbf"))
struct SlowLinkTests {
    /// The queue is full to 40 MB, where the sockets had room for 14 MiB.
    @Test("what waits for one peer's slow link cuts off no other peer", arguments: [Node.Outside.v4, .v6])
    func others(_ outside: Node.Outside) throws {
        let (hub, near, far) = try hubWithSlowLink(outside, queue: "bfifo limit 40000000")
        try fill(hub, to: far, atLeast: 20_000_000)
        #expect(try queued(hub).bytes > 20_000_000)
        #expect(try hub.ping(near.addresses[0], count: 100) == 100)
        #expect(try near.ping(hub.addresses[1], count: 20) == 20)
        // Whose datagrams still go together.
        let tap = try PacketTap(on: near.name, "cable", in: near.laboratory)
        try Stream.expect(from: hub, to: near, at: near.addresses[0], count: 1 << 20)
        #expect(tap.take().contains { $0.messageType == 4 && $0.length > 10_000 })
        // Whose session the hub begins while the queue is full.
        try hub.set(["peer", near.publicKey, "remove"])
        try hub.set(near.asPeer(over: outside))
        #expect(try hub.ping(near.addresses[0]) == 3)
    }

    /// 1,000 packets of 1,500 bytes are 1.5 MB. Joined for the kernel to cut they were 64 MB.
    @Test("a queue that is limited in packets is as long as without segmentation offload")
    func length() throws {
        let (hub, near, far) = try hubWithSlowLink(.v4, queue: "pfifo limit 1000")
        try fill(hub, to: far, atLeast: 1_000_000)
        // As many again as it would hold of the longest.
        for _ in 0..<4 { try flood(hub, far) }
        let queue = try queued(hub)
        #expect(queue.packets >= 900)
        #expect(queue.bytes < 5_000_000)
        #expect(try hub.ping(near.addresses[0], count: 100) == 100)
    }

    /// Of the hub's interface to the second of the other nodes.
    private static let slowLink = "to-far"

    /// The hub reaches `far` by a link of its own, 1 kB/s fast, and `near` by the switch. It has one socket a family.
    private func hubWithSlowLink(
        _ outside: Node.Outside, queue: String
    ) throws -> (hub: Node, near: Node, far: Node) {
        let nodes = try Laboratory.nodes([
            Node.Make(name: "hub", daemon: .ours, environment: ["WG_THREADS=1"]),
            Node.Make(name: "near", daemon: .ours), Node.Make(name: "far", daemon: .ours),
        ])
        let (hub, near, far) = (nodes[0], nodes[1], nodes[2])
        try hub.laboratory.shell(
            """
            ip link add "$0" netns hub type veth peer name to-hub netns far
            ip -n hub address add 198.51.100.1/24 dev "$0"
            ip -n far address add 198.51.100.2/24 dev to-hub
            ip -n hub address add 2001:db8:5::1/64 dev "$0" nodad
            ip -n far address add 2001:db8:5::2/64 dev to-hub nodad
            ip -n hub link set "$0" up
            ip -n far link set to-hub up
            """, Self.slowLink)
        let farEndpoint = outside == .v4 ? "198.51.100.2:51820" : "[2001:db8:5::2]:51820"
        try hub.set(near.asPeer(over: outside) + far.asCaller + ["endpoint", farEndpoint])
        for node in [near, far] {
            try node.set(hub.asCaller)
            #expect(try hub.ping(node.addresses[0]) == 3)
        }
        try hub.laboratory.shell(
            """
            tc qdisc add dev "$0" root handle 1: tbf rate 8kbit burst 70000 limit 1000000000 &&
                tc qdisc add dev "$0" parent 1:1 $1
            """, Self.slowLink, queue, on: hub.name)
        return (hub, near, far)
    }

    /// Datagrams until so many bytes wait, or nothing more can: each time some 14 MB, of which a busy machine loses some.
    private func fill(_ hub: Node, to far: Node, atLeast bytes: Int) throws {
        for _ in 0..<20 where try queued(hub).bytes < bytes { try flood(hub, far) }
    }

    private func flood(_ hub: Node, _ far: Node) throws {
        let names = [hub, far].map { SocketName($0.addresses[0], port: 5006) }
        let socket = try InnerSocket.datagrams(on: hub, at: names[0], to: names[1])
        // So that the first ones, which arrive, are not refused.
        let receiver = try InnerSocket.datagrams(on: far, at: names[1], to: names[0])
        defer { withExtendedLifetime(receiver) {} }
        for _ in 0..<10_000 { try socket.send(Payload.bytes[..<1372]) }
    }

    private func queued(_ hub: Node) throws -> (bytes: Int, packets: Int) {
        let text = try hub.laboratory.shell("tc -s -j qdisc show dev \"$0\" handle 1:", Self.slowLink, on: hub.name)
        func number(_ name: String) throws -> Int {
            guard let start = text.firstRange(of: "\"\(name)\":")?.upperBound else { throw LaboratoryError(text) }
            return Int(text[start...].prefix { $0.isNumber }) ?? 0
        }
        return (try number("backlog"), try number("qlen"))
    }
}

extension Laboratory {
    fileprivate static let canSlowDown: Bool = {
        guard isPossible, let laboratory = try? Laboratory(machines: ["machine"]) else { return false }
        return (try? laboratory.shell("tc qdisc add dev lo root tbf rate 8kbit burst 70000 limit 1000000")) != nil
    }()
}
