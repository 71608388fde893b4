import Glibc
import TestSupport
import Testing

/// What goes into a tunnel of ours comes out of it, whatever its size.
@Suite("Traffic", .enabled(if: Laboratory.isOpen, Laboratory.barrier))
struct TrafficTests {
    /// Settings of both ends.
    private static let settings = [
        [[], []], [["WG_OFFLOADS=off"], []], [["WG_OFFLOADS=off"], ["WG_OFFLOADS=off"]],
        [["WG_THREADS=1"], ["WG_THREADS=1"]], [["WG_THREADS=1"], ["WG_THREADS=3"]],
    ]

    @Test("passes both ways at once, with and without offloads, by one thread and more", arguments: settings)
    func streams(_ environments: [[String]]) throws {
        let (left, right) = try connectedPair(environments)
        for address in right.addresses { try Stream.expect(from: left, to: right, at: address) }
        for size in [64, 999, 1372] { try expectBurst(from: left, to: right, size: size) }
    }

    @Test("as datagrams of every size, and as fragments")
    func datagrams() throws {
        let (left, right) = try connectedPair()
        let fragmented = Array(stride(from: 1421, through: 8000, by: 331)) + [8000, 20_000, 65_000]
        for place in left.addresses.indices {
            try expectDatagrams(Array(0...1420) + fragmented, between: left, and: right, at: place)
        }
    }

    /// The largest packet that one UDP datagram over IPv4 carries is 65,507 - 32 bytes long.
    @Test("by any MTU", arguments: [1280, 1420, 1500, 9000, 65_475])
    func mtu(_ mtu: Int) throws {
        let (left, right) = try connectedPair()
        for node in [left, right] {
            try node.laboratory.shell("ip link set $0 mtu $1", node.interface, "\(mtu)", on: node.name)
        }
        for (place, headers) in [(0, 28), (1, 48)] {
            try expectDatagrams(
                [0, 1, mtu - headers - 1, mtu - headers, mtu - headers + 1, 3000, 60_000], between: left, and: right,
                at: place)
            try Stream.expect(from: right, to: left, at: left.addresses[place], count: 4 << 20)
        }
        let whole = try left.laboratory.run(
            "ping", ["-c", "2", "-i", "0.05", "-W", "10", "-M", "do", "-s", "\(mtu - 28)", right.addresses[0]],
            on: left.name)
        #expect(whole.status == 0, "\(whole.out)\(whole.err)")
    }

    private func connectedPair(_ environments: [[String]] = [[], []]) throws -> (left: Node, right: Node) {
        let (left, right) = try Laboratory.pair(environments)
        try left.set(right.asPeer)
        try right.set(left.asPeer)
        return (left, right)
    }

    // MARK: Datagrams

    /// One at a time, there and back. `place` tells which of the addresses.
    private func expectDatagrams(_ sizes: [Int], between left: Node, and right: Node, at place: Int) throws {
        let names = [left, right].map { SocketName($0.addresses[place], port: 5002) }
        let near = try InnerSocket.datagrams(on: left, at: names[0], to: names[1])
        let far = try InnerSocket.datagrams(on: right, at: names[1], to: names[0])
        for size in sizes {
            let datagram = Array(Payload.bytes[size..<(2 * size)])
            for (sender, receiver) in [(near, far), (far, near)] {
                try sender.send(datagram)
                let received = try receiver.receive()
                #expect(received == datagram, "\(size) bytes, got \(received?.count ?? -1)")
                guard received == datagram else { return }
            }
        }
    }

    /// As a program sends that leaves cutting to the system: some in a call. The receiver has room for all.
    private func expectBurst(from left: Node, to right: Node, size: Int) throws {
        // A port of its own: a process that is just being started may hold a closed socket for a moment.
        let names = [left, right].map { SocketName($0.addresses[1], port: UInt16(10_000 + size)) }
        let near = try InnerSocket.datagrams(on: left, at: names[0], to: names[1])
        let far = try InnerSocket.datagrams(on: right, at: names[1], to: names[0])
        let segmentation: CInt = 103
        try near.set(CInt(IPPROTO_UDP), segmentation, CInt(size))
        let count = 40
        let bytes = Array(Payload.bytes[..<(count * size + size / 2)])
        for _ in 0..<5 {
            try near.send(bytes)
            for number in 0...count {
                let expected = Array(bytes[(number * size)..<min((number + 1) * size, bytes.count)])
                guard try far.receive() == expected else {
                    Issue.record("datagram \(number) of \(size) bytes")
                    return
                }
            }
        }
    }
}
