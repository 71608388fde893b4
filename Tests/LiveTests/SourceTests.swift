import TestSupport
import Testing

/// The source address of a node's answers to a peer, while routes change.
@Suite("The source of a tunnel's packets", .enabled(if: Laboratory.isOpen, Laboratory.barrier))
struct SourceTests {
    /// The server has two addresses; the client's firewall accepts only answers to packets that it has sent.
    @Test(
        "stays the one that a client behind a stateful filter has sent to when an unrelated route changes",
        .enabled(if: Places.exists("/usr/sbin/nft"), "needs nftables"))
    func unrelatedRoute() throws {
        let (server, client) = try Laboratory.pair()
        let laboratory = server.laboratory
        try laboratory.shell("ip address add 192.0.2.101/24 dev cable", on: server.name)
        try server.set(client.asCaller)
        try client.set(server.asCaller + ["endpoint", "192.0.2.101:51820"])
        try laboratory.shell(
            """
            nft 'table inet filter { chain input { type filter hook input priority 0; policy drop;
                ct state established accept; iif lo accept; iifname "wg-right" accept; }; }'
            """, on: client.name)
        #expect(try client.ping(server.addresses[0]) == 3)
        let changes = [
            "ip route add 203.0.113.0/24 dev lo", "ip route add 192.0.2.2/32 dev cable src 192.0.2.1",
            "ip route add unreachable 198.18.0.0/15", "ip rule add fwmark 9 lookup main",
            "ip -6 route add 2001:db8:99::/48 dev lo",
        ]
        for change in changes {
            try laboratory.shell(change, on: server.name)
            try laboratory.shell("sleep 1.2")
            // The server pings: packets of the client would teach it the address again.
            #expect(try server.ping(client.addresses[0], count: 5) == 5, "\(change)")
        }
    }

    /// A change after which packets to a peer leave by another interface.
    enum Change: CaseIterable {
        case route, ruleForMark, markForRule
    }

    @Test("is chosen anew when packets to the peer leave by another interface", arguments: Change.allCases)
    func otherInterface(_ change: Change) throws {
        let (left, right) = try twoCables()
        let laboratory = left.laboratory
        // A route that prefers another source, but uses the same interface, changes nothing.
        try laboratory.shell("ip route add 192.0.2.1/32 dev cable src 192.0.2.2", on: right.name)
        try laboratory.shell("sleep 1.2")
        #expect(try right.ping(left.addresses[0]) == 3)
        #expect(try endpoint(of: left) == "192.0.2.22:51820")

        switch change {
        case .route: try laboratory.shell("ip route replace 192.0.2.1/32 via 198.51.100.1 dev cable2", on: right.name)
        case .ruleForMark:
            try right.set(["fwmark", "77"])
            try laboratory.shell(
                "ip route add default via 198.51.100.1 dev cable2 table 100 && ip rule add fwmark 77 lookup 100",
                on: right.name)
        case .markForRule:
            try laboratory.shell(
                "ip route add default via 198.51.100.1 dev cable2 table 100 && ip rule add fwmark 77 lookup 100",
                on: right.name)
            try right.set(["fwmark", "77"])
        }
        try expectEndpoint(of: left, "198.51.100.2:51820", pinging: right)
        // Packets that left sent to the old address, before it learned the new one, do not restore the old one.
        #expect(try left.ping(right.addresses[0]) == 3)
        #expect(try right.ping(left.addresses[0]) == 3)
        #expect(try endpoint(of: left) == "198.51.100.2:51820")
    }

    @Test("is another one at once when it is removed from the machine")
    func removedAddress() throws {
        let (left, right) = try twoCables()
        try left.laboratory.shell("ip address del 192.0.2.22/24 dev cable", on: right.name)
        #expect(try right.ping(left.addresses[0]) == 3)
        #expect(try endpoint(of: left) == "192.0.2.2:51820")
    }

    /// Left has sent to right's second address, by the first cable.
    private func twoCables() throws -> (left: Node, right: Node) {
        let (left, right) = try Laboratory.pair()
        let laboratory = left.laboratory
        try laboratory.shell("ip link add cable2 netns left type veth peer name cable2 netns right")
        for (number, node) in [(1, left), (2, right)] {
            try laboratory.shell(
                """
                for each in all cable cable2; do echo 0 >/proc/sys/net/ipv4/conf/$each/rp_filter; done
                ip link set cable2 up && ip address add 198.51.100.$0/24 dev cable2
                """, "\(number)", on: node.name)
        }
        try laboratory.shell("ip address add 192.0.2.22/24 dev cable", on: right.name)
        try left.set(right.asCaller + ["endpoint", "192.0.2.22:51820"])
        try right.set(left.asCaller)
        #expect(try left.ping(right.addresses[0]) == 3)
        #expect(try right.ping(left.addresses[0]) == 3)
        #expect(try endpoint(of: left) == "192.0.2.22:51820")
        return (left, right)
    }

    private func expectEndpoint(of left: Node, _ endpoint: String, pinging right: Node) throws {
        for _ in 0..<50 where try self.endpoint(of: left) != endpoint {
            _ = try right.ping(left.addresses[0], count: 1)
            try left.laboratory.shell("sleep 0.1")
        }
        #expect(try self.endpoint(of: left) == endpoint)
    }

    /// The endpoint of the node's only peer.
    private func endpoint(of node: Node) throws -> String {
        let line = try node.laboratory.wg("show", node.interface, "endpoints").lines[0]
        return String(line.split(separator: "\t")[1])
    }
}
