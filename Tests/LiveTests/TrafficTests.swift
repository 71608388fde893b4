import Glibc
import Synchronization
import TestSupport
import Testing

/// What goes into a tunnel of ours comes out of it, whatever its size.
@Suite("Traffic", .enabled(if: Laboratory.isPossible, Laboratory.obstacle))
struct TrafficTests {
    /// Settings of both ends.
    private static let settings = [
        [[], []], [["WG_OFFLOADS=off"], []], [["WG_OFFLOADS=off"], ["WG_OFFLOADS=off"]],
        [["WG_THREADS=1"], ["WG_THREADS=1"]], [["WG_THREADS=1"], ["WG_THREADS=3"]],
    ]

    @Test("passes both ways at once, with and without offloads, by one thread and more", arguments: settings)
    func streams(_ environments: [[String]]) throws {
        let (left, right) = try connectedPair(environments)
        for address in right.addresses { try expectStream(from: left, to: right, at: address, count: 16 << 20) }
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
            try expectStream(from: right, to: left, at: left.addresses[place], count: 4 << 20)
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

    // MARK: Streams

    private static let payload: [UInt8] = {
        var random = SeededRandom(7)
        return (0..<(1 << 21)).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
    }()

    /// Both ends send while they receive, different bytes.
    private func expectStream(from left: Node, to right: Node, at address: String, count: Int) throws {
        let (caller, accepted) = try InnerSocket.connection(from: left, to: right, at: address)
        let there = Array(Self.payload[..<count])
        let back = Array(Self.payload.suffix(count).reversed())
        let failures = Mutex<[String]>([])
        let works: [@Sendable () throws -> Void] = [
            { try caller.sendAll(there) }, { try caller.expectAll(back) },
            { try accepted.sendAll(back) }, { try accepted.expectAll(there) },
        ]
        let workers = works.map { work in
            Worker {
                do { try work() } catch { failures.withLock { $0.append("\(error)") } }
            }
        }
        for worker in workers { worker.join() }
        #expect(failures.withLock { $0 } == [], "\(address)")
    }

    // MARK: Datagrams

    /// One at a time, there and back. `place` tells which of the addresses.
    private func expectDatagrams(_ sizes: [Int], between left: Node, and right: Node, at place: Int) throws {
        let names = [left, right].map { SocketName($0.addresses[place], port: 5002) }
        let near = try InnerSocket.datagrams(on: left, at: names[0], to: names[1])
        let far = try InnerSocket.datagrams(on: right, at: names[1], to: names[0])
        for size in sizes {
            let datagram = Array(Self.payload[size..<(2 * size)])
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
        let bytes = Array(Self.payload[..<(count * size + size / 2)])
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

extension InnerSocket {
    fileprivate func sendAll(_ bytes: [UInt8]) throws {
        var sent = 0
        try bytes.withUnsafeBytes { bytes in
            while sent < bytes.count {
                let count = Glibc.send(descriptor, bytes.baseAddress! + sent, bytes.count - sent, CInt(MSG_NOSIGNAL))
                try check(CInt(truncatingIfNeeded: count), "send after \(sent)")
                sent += count
            }
        }
    }

    fileprivate func expectAll(_ expected: [UInt8]) throws {
        var bytes = [UInt8](repeating: 0, count: 1 << 18)
        var received = 0
        while received < expected.count {
            let count = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            try check(CInt(truncatingIfNeeded: count), "recv after \(received)")
            guard count > 0, received + count <= expected.count else {
                throw LaboratoryError("\(count) bytes after \(received)")
            }
            let isSame = expected.withUnsafeBytes { memcmp($0.baseAddress! + received, bytes, count) == 0 }
            guard isSame else { throw LaboratoryError("other bytes after \(received)") }
            received += count
        }
    }
}
