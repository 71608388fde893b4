import Glibc
import TestSupport
import Testing

/// ECN marks (RFC 3168, RFC 6040) and DSCP of each message type, as routers and receivers see them.
@Suite("Congestion marks (ECN)", .enabled(if: Laboratory.isOpen, Laboratory.barrier))
struct CongestionTests {
    private static let offloads = [[], ["WG_OFFLOADS=off"]]
    /// Indexed by the ECN field of the inner packet: not ECT, ECT(1), ECT(0), CE.
    private static let outside: [UInt8] = [0, 1, 2, 2]
    private static let underCongestion: [UInt8] = [0, 3, 3, 3]

    @Test("go outside, handshakes are AF41, keepalives and DSCP 0", arguments: Node.Outside.allCases, offloads)
    func outward(_ outside: Node.Outside, _ settings: [String]) throws {
        let (left, right) = try Laboratory.pair([settings, settings])
        let tap = try PacketTap(on: right.name, "cable", in: right.laboratory)
        try left.set(right.asPeer(over: outside) + ["persistent-keepalive", "1"])
        try right.set(left.asCaller)
        #expect(try left.ping(right.addresses[0]) == 3)
        var messages: [PacketTap.Packet] = []
        for _ in 0..<100 where !messages.contains(where: \.isKeepalive) {
            usleep(100_000)
            messages += tap.take().filter { $0.messageType != nil }
        }
        #expect(messages.allSatisfy { $0.isV6 == (outside == .v6) })
        for type in [1, 2] as [UInt8] {
            let handshakes = messages.filter { $0.messageType == type }
            #expect(!handshakes.isEmpty && handshakes.allSatisfy { $0.trafficClass == 0x88 }, "type \(type)")
        }
        #expect(messages.contains { $0.isKeepalive })
        #expect(messages.filter { $0.messageType == 4 }.allSatisfy { $0.trafficClass == 0 })
        try left.set(["peer", right.publicKey, "persistent-keepalive", "off"])
        for address in right.addresses {
            let sender = try MarkedSender(from: left, to: right, at: address)
            for inner in UInt8.min...3 {
                _ = tap.take()
                try sender.send(30, trafficClass: 0xb8 | inner)
                let data = tap.take().filter { $0.messageType == 4 && !$0.isKeepalive }
                #expect(!data.isEmpty)
                #expect(Set(data.map(\.trafficClass)) == [Self.outside[Int(inner)]], "\(address), \(inner)")
            }
        }
    }

    @Test("come inside from congested routers, checksums included", arguments: Node.Outside.allCases, offloads)
    func inward(_ outside: Node.Outside, _ settings: [String]) throws {
        let (left, right) = try Laboratory.pair([settings, settings])
        try left.set(right.asPeer(over: outside))
        try right.set(left.asPeer(over: outside))
        #expect(try left.ping(right.addresses[0]) == 3)
        for machine in [left.name, right.name] { try left.laboratory.markCongestion(on: machine) }
        let tap = try PacketTap(on: right.name, right.interface, in: right.laboratory)
        for address in right.addresses {
            let sender = try MarkedSender(from: left, to: right, at: address)
            for inner in UInt8.min...3 {
                _ = tap.take()
                // The packets' checksums are right: the kernel drops a packet with a wrong one.
                try sender.send(30, trafficClass: 0xb8 | inner)
                let packets = tap.take().filter { $0.protocolNumber == 17 }
                #expect(!packets.isEmpty)
                #expect(
                    Set(packets.map(\.trafficClass)) == [0xb8 | Self.underCongestion[Int(inner)]],
                    "\(address), \(inner)")
            }
        }
    }

    /// Data is ECT(0); pure ACKs and retransmissions are not ECT. Both mix in the same batches.
    @Test("of a stream come inside, and no others", arguments: Node.Outside.allCases, offloads)
    func stream(_ outside: Node.Outside, _ settings: [String]) throws {
        let (left, right) = try Laboratory.pair([settings, settings])
        try left.set(right.asPeer(over: outside))
        try right.set(left.asPeer(over: outside))
        for machine in [left.name, right.name] {
            try left.laboratory.shell("sysctl -qw net.ipv4.tcp_ecn=1", on: machine)
            try left.laboratory.markCongestion(on: machine)
        }
        let taps = try [left, right].map { try PacketTap(on: $0.name, $0.interface, in: $0.laboratory) }
        for address in right.addresses {
            // Each CE mark halves the congestion window.
            try Stream.expect(from: left, to: right, at: address, count: 200_000)
            for (node, tap) in zip([left, right], taps) {
                let marks = Set(tap.take().filter { $0.protocolNumber == 6 }.map { $0.trafficClass & 3 })
                // The tap sees outgoing packets, too.
                #expect(marks.isSuperset(of: [0, 2, 3]) && !marks.contains(1), "\(node.name), \(address): \(marks)")
            }
        }
    }
}

extension Laboratory {
    /// Marks all datagrams that arrive at a machine with CE, as a router would.
    fileprivate func markCongestion(on machine: String) throws {
        try shell(
            """
            nft -f - <<-rules
            table netdev congestion {
                chain ingress {
                    type filter hook ingress device cable priority 0;
                    meta protocol ip udp dport 51820 ip ecn set ce
                    meta protocol ip6 udp dport 51820 ip6 ecn set ce
                }
            }
            rules
            """, on: machine)
    }
}

/// Sends datagrams of one size through a tunnel, and waits until all have arrived.
private struct MarkedSender {
    private let near: InnerSocket
    private let far: InnerSocket
    private let isV6: Bool

    init(from left: Node, to right: Node, at address: String) throws {
        isV6 = address.contains(":")
        let names = (SocketName(left.addresses[isV6 ? 1 : 0], port: 5005), SocketName(address, port: 5005))
        near = try InnerSocket.datagrams(on: left, at: names.0, to: names.1)
        far = try InnerSocket.datagrams(on: right, at: names.1, to: names.0)
    }

    func send(_ count: Int, trafficClass: UInt8) throws {
        if isV6 {
            try near.set(CInt(IPPROTO_IPV6), IPV6_TCLASS, CInt(trafficClass))
        } else {
            try near.set(CInt(IPPROTO_IP), IP_TOS, CInt(trafficClass))
        }
        let datagrams = (0..<count).map { Array(Payload.bytes[$0..<($0 + 700)]) }
        for datagram in datagrams { try near.send(datagram) }
        for datagram in datagrams { #expect(try far.receive() == datagram) }
    }
}
