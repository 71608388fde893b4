import TestSupport
import Testing

/// Packets that cannot leave the machine.
@Suite("Packets that cannot be sent", .enabled(if: Laboratory.isOpen, Laboratory.barrier))
struct DeadRouteTests {
    /// The numbers are the kernel's: it counts nothing without a route, and 2 packets of 160 bytes that are lost behind
    /// the interface.
    @Test("do not count as sent, and are told with peer and reason, once in 10 s")
    func counters() throws {
        let (left, right) = try livePair()
        let laboratory = left.laboratory
        let reasons = [
            ("ip route $0 unreachable 192.0.2.2/32", "No route to host"),
            ("ip route $0 prohibit 192.0.2.2/32", "Permission denied"),
            ("ip route $0 blackhole 192.0.2.2/32", "Invalid argument"),
        ]
        for (change, reason) in reasons {
            try laboratory.shell(change, "add", on: left.name)
            let before = try Session(of: left, with: right).sent
            try burst(left, to: right)
            #expect(try Session(of: left, with: right).sent == before, "\(reason)")
            try laboratory.shell(change, "del", on: left.name)
            #expect(try left.ping(right.addresses[0]) == 3)
        }
        let lines = try log(of: left).filter { $0.contains("Cannot send") }
        #expect(lines.count >= 1 && lines.count <= 12, "\(lines)")
        for line in lines {
            #expect(
                line.hasPrefix("wireguard-swift: wg-left: peer(\(shortKey(right))) - Cannot send to 192.0.2.2:51820: "))
            #expect(reasons.contains { line.contains($0.1) }, "\(line)")
        }
        #expect(lines.contains { $0.contains("No route to host") })
    }

    @Test("count as sent when the system takes them, whatever becomes of them")
    func takenBySystem() throws {
        let (left, right) = try livePair()
        try left.laboratory.shell("ip link set cable down", on: right.name)
        let before = try Session(of: left, with: right).sent
        _ = try left.laboratory.run("ping", ["-c", "2", "-W", "1", "-s", "100", right.addresses[0]], on: left.name)
        #expect(try Session(of: left, with: right).sent == before + 320)
    }

    @Test("do not count where they are handshakes")
    func handshakes() throws {
        let (left, right) = try Laboratory.pair()
        try left.laboratory.shell("ip route add unreachable 192.0.2.2/32", on: left.name)
        try left.set(right.asPeer)
        #expect(try left.isCutOff(from: right.addresses[0]))
        #expect(try Session(of: left, with: right).sent == 0)
        #expect(try log(of: left).contains { $0.hasSuffix("Cannot send to 192.0.2.2:51820: No route to host") })
    }

    /// The kernel sends 18 packets for one ping; without a check there were 325,000 in three seconds.
    @Test(
        "circle a few times at most when the route to the peer leads into the tunnel", arguments: Node.Outside.allCases)
    func routeIntoTunnel(_ outside: Node.Outside) throws {
        let (left, right) = try Laboratory.pair()
        try left.set(right.asPeer(over: outside))
        try right.set(left.asPeer(over: outside))
        #expect(try left.ping(right.addresses[0]) == 3)
        let everything = outside == .v4 ? "0.0.0.0/0" : "::/0"
        let (target, address) = outside == .v4 ? ("192.0.2.2/32", "192.0.2.2") : ("2001:db8::2/128", "2001:db8::2")
        try left.set(["peer", right.publicKey, "allowed-ips", "\(right.allowedIPs),\(everything)"])
        try left.laboratory.shell("ip route add $0 dev $1", target, left.interface, on: left.name)
        let before = try transmitted(left)
        for size in ["56", "1300", "4000"] {
            _ = try left.laboratory.run(
                "ping", ["-c", "1", "-W", "1", "-s", size, right.addresses[0]], on: left.name)
        }
        let after = try transmitted(left)
        #expect(after - before < 60, "\(after - before) packets")
        let lines = try log(of: left).filter { $0.contains("leads into the tunnel itself") }
        #expect(lines.count == 1, "\(lines)")
        #expect(lines.allSatisfy { $0.contains("The route to the endpoint \(address) leads") })
        try left.laboratory.shell("ip route del $0 dev $1", target, left.interface, on: left.name)
        #expect(try left.ping(right.addresses[0]) == 3)
    }

    /// The outer packets of a nested tunnel begin as our own do.
    @Test("are not those of another tunnel inside the tunnel")
    func nested() throws {
        let (left, right) = try livePair()
        let laboratory = left.laboratory
        let ends = try [left, right].enumerated().map { number, node in
            try laboratory.start(.ours, "in\(number + 1)", on: node.name)
            let identity = try Identity("inner\(number)", in: laboratory)
            try laboratory.wg("set", "in\(number + 1)", "listen-port", "51999", "private-key", identity.file)
            try laboratory.shell(
                "ip address add 10.77.0.$0/24 dev in$0 && ip link set in$0 up", "\(number + 1)", on: node.name)
            return identity.publicKey
        }
        try laboratory.wg("set", "in2", "peer", ends[0], "allowed-ips", "10.77.0.0/24")
        try laboratory.wg(
            "set", "in1", "peer", ends[1], "allowed-ips", "10.77.0.0/24", "endpoint", "\(right.addresses[0]):51999")
        #expect(try left.ping("10.77.0.2", count: 5) == 5)
        #expect(try !log(of: left).contains { $0.contains("leads into the tunnel") })
    }

    private func livePair() throws -> (left: Node, right: Node) {
        let (left, right) = try Laboratory.pair()
        try left.set(right.asPeer)
        try right.set(left.asPeer)
        #expect(try left.ping(right.addresses[0]) == 3)
        return (left, right)
    }

    /// Sends datagrams into the tunnel, as fast as a shell can write them.
    private func burst(_ node: Node, to other: Node) throws {
        try node.laboratory.shell(
            "for ((count = 0; count < 500; count++)); do echo >/dev/udp/$0/9; done", other.addresses[0], on: node.name)
    }

    /// Packets that the kernel has passed to the node's interface so far.
    private func transmitted(_ node: Node) throws -> Int {
        let text = try node.laboratory.shell(
            "cat /sys/class/net/$0/statistics/tx_packets 2>/dev/null || ip -s -j link show $0", node.interface,
            on: node.name)
        return Int(text.lines[0]) ?? 0
    }

    private func log(of node: Node) throws -> [String] {
        try node.laboratory.shell("cat $0", node.laboratory.path("log")).lines
            .filter { $0.hasPrefix("wireguard-swift: \(node.interface): ") }
    }

    private func shortKey(_ node: Node) -> String {
        "\(node.publicKey.prefix(4))…\(node.publicKey.dropLast().suffix(4))"
    }
}
