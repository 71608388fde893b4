import TestSupport
import Testing

/// Peers behind links of their own, one of them very slow.
@Suite(
    "Slow links", .enabled(if: Laboratory.isOpen, Laboratory.barrier),
    .enabled(if: Laboratory.canSlowDown, "needs tc and a kernel with sch_tbf"))
struct SlowLinkTests {
    /// The queue holds up to 40 MB; the sockets used to have room for 14 MiB.
    @Test("what waits for one peer's slow link cuts off no other peer", arguments: [Node.Outside.v4, .v6])
    func others(_ outside: Node.Outside) throws {
        let (hub, near, far) = try hubWithSlowLink(outside, queue: "bfifo limit 40000000")
        try fill(hub, to: far, atLeast: 20_000_000)
        #expect(try queued(hub).bytes > 20_000_000)
        #expect(try hub.ping(near.addresses[0], count: 100) == 100)
        #expect(try near.ping(hub.addresses[1], count: 20) == 20)
        // Datagrams to this peer are still sent together.
        let tap = try PacketTap(on: near.name, "cable", in: near.laboratory)
        try Stream.expect(from: hub, to: near, at: near.addresses[0], count: 1 << 20)
        #expect(tap.take().contains { $0.messageType == 4 && $0.length > 10_000 })
        // The hub initiates a session with this peer while the queue is full.
        try hub.set(["peer", near.publicKey, "remove"])
        try hub.set(near.asPeer(over: outside))
        #expect(try hub.ping(near.addresses[0]) == 3)
    }

    /// 1,000 packets of 1,500 bytes are 1.5 MB. As 64 KiB segments for the kernel to cut they were 64 MB.
    @Test("a queue that is limited in packets is as long as without segmentation offload")
    func length() throws {
        let (hub, near, far) = try hubWithSlowLink(.v4, queue: "pfifo limit 1000")
        try fill(hub, to: far, atLeast: 1_000_000)
        // As many bytes again as the queue would hold in packets of 64 KiB.
        for _ in 0..<4 { try flood(hub, far) }
        let queue = try queued(hub)
        #expect(queue.packets >= 900)
        #expect(queue.bytes < 5_000_000)
        #expect(try hub.ping(near.addresses[0], count: 100) == 100)
    }

    /// The hub's interface to `far`.
    private static let slowLink = "to-far"

    /// The hub reaches `far` by a link of its own, at 1 kB/s, and `near` by the switch. It has one socket per family.
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

    /// Sends until `bytes` wait or no more fit: each flood has some 14 MB, of which a busy machine loses some.
    private func fill(_ hub: Node, to far: Node, atLeast bytes: Int) throws {
        for _ in 0..<20 where try queued(hub).bytes < bytes { try flood(hub, far) }
    }

    private func flood(_ hub: Node, _ far: Node) throws {
        let names = [hub, far].map { SocketName($0.addresses[0], port: 5006) }
        let socket = try InnerSocket.datagrams(on: hub, at: names[0], to: names[1])
        // Keeps the first datagrams, which arrive, from being refused.
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
