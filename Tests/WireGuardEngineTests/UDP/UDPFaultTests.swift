import Glibc
import LinuxSystem
import TestSupport
import Testing
import WireGuardEngine
import WireGuardModel
import WireGuardProtocol

@Suite("UDP faults", .enabled(if: Arena.isPossible))
struct UDPFaultTests {
    private static let families: [IPAddress.Family] = [.v4, .v6]

    @Test("a source that is no address of ours is told and done without", arguments: families, [1, 5])
    func removedSource(_ family: IPAddress.Family, _ count: Int) async throws {
        try await Arena.run {
            try raiseLoopback()
            let (text, source) =
                family == .v4
                ? ("10.0.0.1/32", IPAddress(v4: 0x0a00_0001)) : ("fd00::1/128", IPAddress(v6: 0xfd00 << 48, 1))
            try addAddress(text)
            let wire = try Wire()
            let path = wire.path(family, from: source)
            let datagrams = (0..<count).map { (bytes: [UInt8](repeating: UInt8($0), count: 100), path: path) }
            #expect(wire.send(datagrams).isClean)
            #expect(
                try wire.receive(family, count).arrivals.map(\.path.remote.address) == datagrams.map { _ in source })

            try ip("addr del \(text) dev lo")
            let report = wire.send(datagrams + [(bytes: [7], path: wire.path(family))])
            #expect(report.staleSources == [path])
            #expect(report.dropped == 0)
            let arrivals = try wire.receive(family, count + 1).arrivals
            #expect(arrivals.map(\.bytes) == datagrams.map(\.bytes) + [[7]])
            #expect(arrivals.allSatisfy { $0.path.remote.address == localhost(family) })

            let bytes: [UInt8] = [1, 2]
            #expect(try wire.near.workers[0].send(bytes.span, to: path) == .sentFromElsewhere)
            #expect(try wire.near.workers[0].send(bytes.span, to: wire.path(family)) == .sent)
            #expect(try wire.receive(family, 2).arrivals.map(\.bytes) == [bytes, bytes])
        }
    }

    @Test("segments larger than the route's MTU go one by one, smaller ones still together", arguments: families)
    func smallMTU(_ family: IPAddress.Family) async throws {
        try await Arena.run {
            try raiseLoopback(mtu: 1280)
            let wire = try Wire()
            var batch = SendBatch(capacity: 100)
            func send(_ size: Int) throws -> Int {
                let datagrams = (0..<10).map { index in
                    (bytes: [UInt8](repeating: UInt8(index), count: size), path: wire.path(family))
                }
                #expect(wire.send(datagrams, with: &batch).isClean)
                let (arrivals, messages) = try wire.receive(family, 10)
                #expect(arrivals.map(\.bytes) == datagrams.map(\.bytes))
                return messages
            }
            // Fragments arrive whole, but not joined.
            #expect(try send(1452) == 10)
            #expect(try send(1200) == 1)
            #expect(try send(1452) == 10)
            #expect(try send(3000) == 10)
            #expect(try send(1200) == 1)
        }
    }

    /// The kernel cuts nothing for a socket without checksums, whatever the size.
    @Test("where segmentation is refused altogether it is given up, which is told once")
    func refusedSegmentation() async throws {
        try await Arena.run {
            try raiseLoopback()
            let wire = try Wire()
            var on: CInt = 1
            setsockopt(wire.near.workers[0].v4!.raw, SOL_SOCKET, SO_NO_CHECK, &on, 4)
            var batch = SendBatch(capacity: 100)
            func send(_ family: IPAddress.Family) throws -> (Errno?, messages: Int) {
                let datagrams = (0..<10).map { index in
                    (bytes: [UInt8](repeating: UInt8(index), count: 100), path: wire.path(family))
                }
                let report = wire.send(datagrams, with: &batch)
                #expect(report.dropped == 0)
                let (arrivals, messages) = try wire.receive(family, 10)
                #expect(arrivals.map(\.bytes) == datagrams.map(\.bytes))
                return (report.segmentationFailure, messages)
            }
            #expect(try send(.v4) == (.invalidArgument, 10))
            #expect(try send(.v4) == (nil, 10))
            #expect(try send(.v6) == (nil, 1))
        }
    }

    @Test("what cannot go anywhere is dropped and counted, the rest goes", arguments: families)
    func unreachable(_ family: IPAddress.Family) async throws {
        try await Arena.run {
            try raiseLoopback()
            let wire = try Wire()
            let nowhere = family == .v4 ? IPAddress(v4: 0xc000_0201) : IPAddress(v6: 0x2001_0db8 << 32, 1)
            let there = wire.path(family)
            let lost = Path(to: Endpoint(address: nowhere, port: 1), from: localhost(family))
            let report = wire.send([
                (bytes: [1], path: there), (bytes: [2], path: lost), (bytes: [3], path: lost),
                (bytes: [4], path: there),
            ])
            #expect(report.dropped == 2)
            #expect(report.failure == Errno(ENETUNREACH))
            #expect(report.staleSources.isEmpty)
            #expect(try wire.receive(family, 2).arrivals.map(\.bytes) == [[1], [4]])
            let bytes: [UInt8] = [1]
            #expect(throws: Errno(ENETUNREACH)) { try wire.near.workers[0].send(bytes.span, to: lost) }
        }
    }

    @Test("a datagram that fits no packet is dropped, its neighbours are not")
    func tooLong() async throws {
        try await Arena.run {
            try raiseLoopback()
            let wire = try Wire()
            let report = wire.send([
                (bytes: [1], path: wire.path(.v4)), (bytes: [UInt8](repeating: 0, count: 65508), path: wire.path(.v4)),
                (bytes: [2], path: wire.path(.v4)),
            ])
            #expect(report.dropped == 1)
            #expect(report.failure == .messageTooLong)
            #expect(try wire.receive(.v4, 2).arrivals.map(\.bytes) == [[1], [2]])
        }
    }

    /// The kernel tells of a refusal in the place of the next sending, to those who asked for it.
    @Test("a port that refused does not cost the next datagram")
    func refusal() async throws {
        try await Arena.run {
            try raiseLoopback()
            let wire = try Wire()
            let closed = Path(to: Endpoint(address: localhostV4, port: 9))
            var on: CInt = 1
            setsockopt(wire.near.workers[0].v4!.raw, CInt(IPPROTO_IP), IP_RECVERR, &on, 4)
            for _ in 0..<3 {
                let report = wire.send([(bytes: [1], path: closed), (bytes: [2], path: wire.path(.v4))])
                #expect(report.isClean)
            }
            #expect(try wire.receive(.v4, 3).arrivals.map(\.bytes) == [[2], [2], [2]])
            let bytes: [UInt8] = [3]
            for _ in 0..<3 {
                try wire.near.workers[0].send(bytes.span, to: closed)
                try wire.near.workers[0].send(bytes.span, to: wire.path(.v4))
            }
            #expect(try wire.receive(.v4, 3).arrivals.map(\.bytes) == [[3], [3], [3]])
        }
    }

    @Test("a family without a socket loses its datagrams and no others")
    func missingFamily() async throws {
        try await Arena.run {
            try raiseLoopback()
            let wire = try Wire()
            let onlyV4 = WorkerSockets(v4: wire.near.workers[0].v4, v6: nil)
            var bytes: [UInt8] = [5]
            var batch = SendBatch(capacity: 2)
            let report = bytes.withUnsafeMutableBytes { bytes in
                batch.turn(to: wire.path(.v6))
                batch.append(bytes.baseAddress!, count: 1)
                batch.turn(to: wire.path(.v4))
                batch.append(bytes.baseAddress!, count: 1)
                return batch.flush(onlyV4)
            }
            #expect(report.dropped == 1)
            #expect(report.failure == Errno(EAFNOSUPPORT))
            #expect(try wire.receive(.v4, 1).arrivals.map(\.bytes) == [[5]])
            #expect(throws: Errno(EAFNOSUPPORT)) { try onlyV4.send(bytes.span, to: wire.path(.v6)) }
        }
    }
}
