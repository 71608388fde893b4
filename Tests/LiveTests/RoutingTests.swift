import Glibc
import TestSupport
import Testing

/// Which peer a packet goes to, and what is said where there is none.
@Suite("Cryptokey routing", .enabled(if: Laboratory.isOpen, Laboratory.barrier))
struct RoutingTests {
    @Test("follows an allowed-ip that moves between live peers with the very next packet")
    func allowedIPMoves() throws {
        let nodes = try hubAndTwo()
        let (hub, anna, bert) = (nodes[0], nodes[1], nodes[2])
        let services = ["10.9.0.9", "fd09::9"]
        for service in services {
            let name = SocketName(service, port: 5004)
            let ends = try [anna, bert].map { node in
                let place = service.contains(":") ? 1 : 0
                // A tentative address cannot be bound to.
                try node.laboratory.shell(
                    "ip address add $0 dev $1 \(place == 1 ? "nodad" : "")", service, node.interface, on: node.name)
                return try InnerSocket.datagrams(
                    on: node, at: name, to: SocketName(hub.addresses[place], port: 5004))
            }
            let hubName = SocketName(hub.addresses[service.contains(":") ? 1 : 0], port: 5004)
            let near = try InnerSocket.datagrams(on: hub, at: hubName, to: name)
            for turn in 0..<10 {
                let owner = [anna, bert][turn % 2]
                try hub.set(["peer", owner.publicKey, "allowed-ips", "+" + service])
                try near.send([UInt8(turn)])
                #expect(try ends[turn % 2].receive() == [UInt8(turn)], "\(service), turn \(turn)")
                try ends[turn % 2].send([UInt8(turn)])
                #expect(try near.receive() == [UInt8(turn)], "\(service), turn \(turn)")
            }
            // What comes from the one who has it no more is dropped.
            let before = try Session(of: hub, with: anna).received
            try ends[0].send([100])
            for _ in 0..<200 where try Session(of: hub, with: anna).received < before + 64 { usleep(50_000) }
            #expect(try Session(of: hub, with: anna).received >= before + 64)
            for socket in ends + [near] {
                try socket.wait(seconds: 0, microseconds: 50_000)
                #expect(try socket.receive() == nil)
            }
        }
    }

    @Test("finds two live peers among a thousand")
    func thousandPeers() throws {
        let nodes = try hubAndTwo()
        let (hub, anna, bert) = (nodes[0], nodes[1], nodes[2])
        try hub.laboratory.shell(
            """
            head -c 33000 /dev/urandom | base64 -w 44 | sed 's/..$/A=/' | {
                number=0
                while read -r key; do
                    printf '[Peer]\\nPublicKey = %s\\nAllowedIPs = 10.77.%d.%d/32, 10.%d.0.0/16\\nEndpoint = 192.0.2.200:%d\\n' \\
                        "$key" $((number / 250)) $((number % 250)) $((number % 150 + 100)) $((++number))
                done
            } | "$0" addconf "$1" /dev/stdin
            """, Tool.ours.path, hub.interface)
        #expect(try hub.laboratory.wg("show", hub.interface, "peers").lines.count == 1002)
        for peer in [anna, bert] {
            for address in peer.addresses { #expect(try hub.ping(address, count: 10) == 10) }
            #expect(try peer.ping(hub.addresses[0], count: 10) == 10)
        }
        try hub.laboratory.expectAgreement(on: hub.interface)
    }

    @Test("says at once that an address has no peer, or its peer no endpoint")
    func unreachable() throws {
        let (left, right) = try Laboratory.pair()
        try left.set(right.asCaller)
        let answers = ["Destination Host Unreachable", "Destination unreachable: Address unreachable"]
        for addresses in [right.addresses, ["10.9.0.77", "fd09::77"]] {
            for (address, answer) in zip(addresses, answers) {
                let result = try left.laboratory.run("ping", ["-c", "1", "-W", "10", address], on: left.name)
                #expect(result.status == 1)
                #expect(result.out.contains(answer), "\(address): \(result.out)")
            }
        }
    }

    private func hubAndTwo() throws -> [Node] {
        let nodes = try Laboratory.nodes("hub", "anna", "bert", with: .ours)
        try nodes[0].set(nodes[1].asPeer + nodes[2].asPeer)
        for node in nodes.dropFirst() {
            try node.set(nodes[0].asPeer)
            #expect(try node.ping(nodes[0].addresses[0]) == 3)
        }
        return nodes
    }
}
