import Glibc
import LinuxSystem
import TestSupport
import Testing
import WireGuardEngine
import WireGuardModel
import WireGuardProtocol

@Suite("UDP batches", .enabled(if: Arena.isPossible))
struct UDPBatchTests {
    /// Sizes of the datagrams of a batch.
    static let shapes: [[Int]] = [
        [1], [0, 1], [1452], [65507], [65507, 65507], [148, 92, 64, 32],
        Array(repeating: 1452, count: 44), Array(repeating: 1452, count: 44) + [17],
        Array(repeating: 100, count: 64), Array(repeating: 100, count: 65), Array(repeating: 32, count: 200),
        [100, 100, 50, 50, 50, 60, 60, 10], [10, 20, 30, 30, 20, 10], [1000, 999, 1000, 1000, 1],
        [32753, 32753, 1, 1], [32754, 32753], [32754, 32754],
    ]

    @Test("arrive whole and in order", arguments: shapes, [IPAddress.Family.v4, .v6])
    func arrive(_ sizes: [Int], _ family: IPAddress.Family) async throws {
        try await Arena.run {
            try raiseLoopback()
            for (usesSegmentation, joinsDatagrams) in [(true, true), (true, false), (false, true), (false, false)] {
                let wire = try Wire(joinsDatagrams: joinsDatagrams)
                var random = SeededRandom(1)
                let datagrams = sizes.map { (bytes: random.bytes($0), path: wire.path(family)) }
                let report = wire.send(datagrams, usesSegmentation: usesSegmentation)
                #expect(report.isClean)
                let arrived = try wire.receive(family, sizes.count { $0 > 0 }).arrivals.map(\.bytes)
                #expect(arrived == datagrams.map(\.bytes).filter { !$0.isEmpty })
            }
        }
    }

    @Test("go to each path in order, however they are mixed", arguments: Rounds.usual(10))
    func mixed(_ round: Int) async throws {
        try await Arena.run {
            try raiseLoopback()
            try addAddress("10.0.0.1/32")
            let wire = try Wire()
            var random = SeededRandom(UInt64(round))
            let paths = [
                wire.path(.v4), wire.path(.v6), wire.path(.v4, from: IPAddress(v4: 0x0a00_0001)),
                wire.path(.v4, to: IPAddress(v4: 0x0a00_0001)),
            ]
            var path = paths[0]
            let datagrams = (0..<300).map { _ in
                if random.once(in: 5) { path = random.pick(paths) }
                return (bytes: random.bytes(random.pick([1, 32, 32, 32, 1000, 1452])), path: path)
            }
            #expect(wire.send(datagrams).isClean)
            let arrivals = try [IPAddress.Family.v4, .v6].flatMap { family in
                try wire.receive(family, datagrams.count { $0.path.remote.address.family == family }).arrivals
            }
            for path in paths {
                #expect(
                    arrivals.filter { $0.isBy(path) }.map(\.bytes)
                        == datagrams.filter { $0.path == path }.map(\.bytes))
            }
            #expect(arrivals.count == datagrams.count)
        }
    }

    @Test("a run of equal size is one message on both sides", arguments: [IPAddress.Family.v4, .v6])
    func joined(_ family: IPAddress.Family) async throws {
        try await Arena.run {
            try raiseLoopback()
            let wire = try Wire()
            let datagrams = (0..<45).map { index in
                (bytes: [UInt8](repeating: UInt8(index), count: index == 44 ? 9 : 1452), path: wire.path(family))
            }
            #expect(wire.send(datagrams).isClean)
            #expect(try wire.receive(family, 45).messages == 1)
            #expect(wire.send(datagrams, usesSegmentation: false).isClean)
            #expect(try wire.receive(family, 45).messages == 45)
        }
    }

    @Test("a path tells both addresses and the interface", arguments: [IPAddress.Family.v4, .v6])
    func paths(_ family: IPAddress.Family) async throws {
        try await Arena.run {
            try raiseLoopback()
            try addAddress(family == .v4 ? "10.0.0.1/32" : "fd00::1/128")
            let other = family == .v4 ? IPAddress(v4: 0x0a00_0001) : IPAddress(v6: 0xfd00 << 48, 1)
            let wire = try Wire()
            let local = localhost(family)
            for (from, to) in [(local, local), (other, local), (local, other), (other, other), (local, local)] {
                #expect(wire.send([(bytes: [1, 2, 3], path: wire.path(family, to: to, from: from))]).isClean)
                let arrivals = try wire.receive(family, 1).arrivals
                let seen = Path(
                    to: Endpoint(address: from, port: wire.near.port), from: to,
                    interfaceIndex: if_nametoindex("lo"))
                #expect(arrivals == [Arrival(path: seen, bytes: [1, 2, 3])])
            }
        }
    }

    @Test("a link-local peer is answered by the link it is on")
    func linkLocal() async throws {
        try await Arena.run {
            try ip("link add one type veth peer name two")
            for link in ["one", "two"] {
                try run("sysctl", ["-qw", "net.ipv6.conf.\(link).accept_dad=0"]).requireSuccess()
                try ip("link set \(link) up")
            }
            try ip("addr add fe80::11/64 dev one nodad")
            try ip("addr add fe80::22/64 dev two nodad")
            let (near, far) = (try UDPSocketGroup(workers: 1), try UDPSocketGroup(workers: 1))
            let there = Endpoint(
                address: IPAddress(v6: 0xfe80 << 48, 0x22), port: far.port, scope: if_nametoindex("one"))
            let bytes: [UInt8] = [1]
            try near.workers[0].send(bytes.span, to: Path(to: there))
            let first = try receiveOne(far.workers[0].v6!)
            #expect(first.path.remote.scope == if_nametoindex("two"))
            #expect(try far.workers[0].send(bytes.span, to: first.path) == .sent)
            let answer = try receiveOne(near.workers[0].v6!)
            #expect(answer.path.remote == there)
        }
    }

    /// Over a veth a datagram arrives a little later than it is sent.
    private func receiveOne(_ socket: UDPSocket) throws -> Arrival {
        _ = waitToRead(socket)
        return try receiveAll(socket).arrivals.first ?? { throw Errno.tryAgain }()
    }

    @Test("a full socket holds a flush up only for a while")
    func fullSocket() async throws {
        try await Arena.run {
            try raiseLoopback()
            // What waits for a neighbour that never answers stays in the sender's buffer.
            try ip("link add near type veth peer name far")
            try ip("addr add 10.0.0.1/24 dev near")
            for link in ["near", "far"] { try ip("link set \(link) up") }
            let wire = try Wire()
            let path = Path(to: Endpoint(address: IPAddress(v4: 0x0a00_0002), port: 1))
            var size: CInt = 4096
            setsockopt(wire.near.workers[0].v4!.raw, SOL_SOCKET, SO_SNDBUF, &size, 4)
            let report = wire.send((0..<200).map { _ in (bytes: [UInt8](repeating: 0, count: 1000), path: path) })
            #expect(report.dropped > 0)
            #expect(report.failure == .tryAgain)
            #expect(report.segmentationFailure == nil)
        }
    }
}

extension Arrival {
    fileprivate func isBy(_ path: Path) -> Bool {
        self.path.local == path.remote.address
            && self.path.remote.address == path.local ?? (path.remote.address)
    }
}

extension SendReport {
    var isClean: Bool { dropped == 0 && failure == nil && staleSources.isEmpty && segmentationFailure == nil }
}

extension RunResult {
    func requireSuccess() throws {
        if status != 0 { throw RunError(description: err) }
    }
}
