import CLinux
import Glibc
import LinuxSystem
import TestSupport
import Testing
import WireGuardEngine
import WireGuardModel
import WireGuardProtocol

@Suite("UDP sockets", .enabled(if: Arena.isPossible))
struct UDPSocketTests {
    @Test("both families share one free port")
    func freePort() async throws {
        try await Arena.run {
            try raiseLoopback()
            let group = try UDPSocketGroup(workers: 3)
            #expect(group.port != 0)
            #expect(group.workers.count == 3)
            for worker in group.workers {
                #expect(try worker.v4!.port == group.port)
                #expect(try worker.v6!.port == group.port)
            }
        }
    }

    @Test("a port that another has is refused, however that one has it", arguments: [1, 2], [1, 2])
    func takenPort(_ first: Int, _ second: Int) async throws {
        try await Arena.run {
            try raiseLoopback()
            let group = try UDPSocketGroup(workers: first, port: 51820)
            #expect(throws: Errno(EADDRINUSE)) { try UDPSocketGroup(workers: second, port: 51820) }
            withExtendedLifetime(group) {}
            // One family is enough.
            let other = try UDPSocket(.v6, port: 51821)
            #expect(throws: Errno(EADDRINUSE)) { try UDPSocketGroup(workers: second, port: 51821) }
            withExtendedLifetime(other) {}
        }
    }

    @Test("a port is free again when its sockets are gone")
    func closedPort() async throws {
        try await Arena.run {
            try raiseLoopback()
            for workers in [2, 1, 2] { #expect(try openPatiently(workers: workers).port == 51820) }
        }
    }

    /// A program that another test starts just now holds a copy of our sockets for a moment.
    private func openPatiently(workers: Int) throws -> UDPSocketGroup {
        for _ in 0..<1000 {
            if let group = try? UDPSocketGroup(workers: workers, port: 51820) { return group }
            Clock.sleep(microseconds: 1000)
        }
        return try UDPSocketGroup(workers: workers, port: 51820)
    }

    @Test("every sender has its worker, and the senders are spread", arguments: [IPAddress.Family.v4, .v6])
    func spread(_ family: IPAddress.Family) async throws {
        try await Arena.run {
            try raiseLoopback()
            let workers = 4
            let group = try UDPSocketGroup(workers: workers)
            var sendersOf = [Int](repeating: 0, count: workers)
            for _ in 0..<64 {
                let sender = try UDPSocketGroup(workers: 1)
                let there = Path(to: Endpoint(address: localhost(family), port: group.port))
                let bytes: [UInt8] = [1]
                for _ in 0..<5 { try sender.workers[0].send(bytes.span, to: there) }
                var counts = [Int](repeating: 0, count: workers)
                while counts.reduce(0, +) < 5 {
                    for (index, worker) in group.workers.enumerated() {
                        counts[index] += try receiveAll(worker.socket(for: family)!).arrivals.count
                    }
                }
                #expect(counts.sorted() == [0, 0, 0, 5])
                sendersOf[counts.firstIndex(of: 5) ?? 0] += 1
            }
            #expect(sendersOf.allSatisfy { $0 > 0 })
        }
    }

    @Test("the mark is on every socket, and off again")
    func mark() async throws {
        try await Arena.run {
            try raiseLoopback()
            let group = try UDPSocketGroup(workers: 2, mark: 0x8000_0001)
            func marks() -> [UInt32] {
                group.workers.flatMap { [$0.v4!, $0.v6!] }.map { socket in
                    var (mark, size) = (UInt32(7), socklen_t(4))
                    getsockopt(socket.raw, SOL_SOCKET, SO_MARK, &mark, &size)
                    return mark
                }
            }
            #expect(marks() == [0x8000_0001, 0x8000_0001, 0x8000_0001, 0x8000_0001])
            try group.setMark(51820)
            #expect(marks() == [51820, 51820, 51820, 51820])
            try group.setMark(0)
            #expect(marks() == [0, 0, 0, 0])
        }
    }

    /// Where routes go by the mark, a marked datagram arrives and others do not.
    @Test("what is sent carries the mark")
    func markedRoute() async throws {
        try await Arena.run {
            try raiseLoopback()
            try ip("rule add fwmark 5 lookup 100")
            try ip("route add local 192.0.2.1/32 dev lo table 100")
            let wire = try Wire()
            let path = wire.path(.v4, to: IPAddress(v4: 0xc000_0201))
            let bytes: [UInt8] = [9]
            #expect(throws: Errno(ENETUNREACH)) { try wire.near.workers[0].send(bytes.span, to: path) }
            try wire.near.setMark(5)
            #expect(try wire.near.workers[0].send(bytes.span, to: path) == .sent)
            #expect(wire.send([(bytes: bytes, path: path)]).isClean)
        }
    }

    @Test("sockets hold bursts, do not wait, and are not inherited")
    func options() async throws {
        try await Arena.run {
            try raiseLoopback()
            let group = try UDPSocketGroup(workers: 1)
            for socket in [group.workers[0].v4!, group.workers[0].v6!] {
                for (option, expected) in [(SO_RCVBUF, CInt(14) << 20), (SO_SNDBUF, CInt(1) << 30)] {
                    var (value, size) = (CInt(0), socklen_t(4))
                    getsockopt(socket.raw, SOL_SOCKET, option, &value, &size)
                    // The kernel doubles what it is asked for.
                    #expect(value == expected)
                }
                // Not the priority of bulk traffic, which the kernel derives from the traffic class of handshakes.
                var (priority, size) = (CInt(7), socklen_t(4))
                getsockopt(socket.raw, SOL_SOCKET, SO_PRIORITY, &priority, &size)
                #expect(priority == 0)
                #expect(fcntl(socket.raw, F_GETFD) == FD_CLOEXEC)
                #expect(fcntl(socket.raw, F_GETFL) & O_NONBLOCK != 0)
                #expect(socket.joinsDatagrams)
                #expect(try receiveAll(socket).messages == 0)
            }
        }
    }
}
