import Glibc
import LinuxSystem
import TestSupport
import Testing
import WireGuardEngine
import WireGuardModel
import WireGuardProtocol

@Suite("Traffic classes of UDP", .enabled(if: Arena.isPossible))
struct TrafficClassTests {
    private static let families: [IPAddress.Family] = [.v4, .v6]

    @Test("each datagram has its own, alone and in runs that the kernel cuts", arguments: families, [true, false])
    func ownClass(_ family: IPAddress.Family, usesSegmentation: Bool) async throws {
        try await Arena.run {
            try raiseLoopback()
            let wire = try Wire()
            let classes: [UInt8] = [0, 0, 2, 2, 2, 1, 0, 0xff, 0xff]
            for source in [nil, localhost(family)] {
                let report = wire.send(classes, by: wire.path(family, from: source), usesSegmentation: usesSegmentation)
                #expect(report.isClean)
                let messages = try receive(by: wire.far.workers[0].socket(for: family)!, datagrams: classes.count)
                #expect(messages.flatMap { [UInt8](repeating: $0.trafficClass, count: $0.datagrams) } == classes)
                #expect(messages.map(\.datagrams) == (usesSegmentation ? [2, 3, 1, 1, 2] : classes.map { _ in 1 }))
            }
        }
    }

    @Test("a source that is given up leaves it as it was", arguments: families)
    func staleSource(_ family: IPAddress.Family) async throws {
        try await Arena.run {
            try raiseLoopback()
            let wire = try Wire()
            let gone = family == .v4 ? IPAddress(v4: 0x0a00_0001) : IPAddress(v6: 0xfd00 << 48, 1)
            let path = wire.path(family, from: gone)
            for classes in [[2, 2, 2], [2], [0, 0]] as [[UInt8]] {
                #expect(wire.send(classes, by: path, usesSegmentation: true).staleSources == [path])
                let messages = try receive(by: wire.far.workers[0].socket(for: family)!, datagrams: classes.count)
                #expect(messages.map(\.trafficClass) == [classes[0]])
            }
        }
    }

    @Test("handshake messages are AF41, 0x88, as the kernel's", arguments: families)
    func handshakes(_ family: IPAddress.Family) async throws {
        try await Arena.run {
            try raiseLoopback()
            let wire = try Wire()
            let bytes: [UInt8] = [1]
            for source in [nil, localhost(family)] {
                try wire.near.workers[0].send(bytes.span, to: wire.path(family, from: source))
                let messages = try receive(by: wire.far.workers[0].socket(for: family)!, datagrams: 1)
                #expect(messages.map(\.trafficClass) == [0x88])
                // The kernel's cookie replies have it.
                try wire.near.workers[0].send(bytes.span, to: wire.path(family, from: source), trafficClass: 0)
                let others = try receive(by: wire.far.workers[0].socket(for: family)!, datagrams: 1)
                #expect(others.map(\.trafficClass) == [0])
            }
        }
    }

    private func receive(
        by socket: UDPSocket, datagrams count: Int
    ) throws -> [(trafficClass: UInt8, datagrams: Int)] {
        var batch = ReceiveBatch(messages: 3)
        var messages: [(trafficClass: UInt8, datagrams: Int)] = []
        while messages.reduce(0, { $0 + $1.datagrams }) < count, waitToRead(socket) {
            while try batch.receive(from: socket) {
                for index in 0..<batch.count {
                    messages.append(
                        (batch.trafficClass(of: index), batch.datagrams(of: index).reduce(0) { sum, _ in sum + 1 }))
                }
            }
        }
        return messages
    }
}

extension Wire {
    /// Sends one batch of datagrams of equal size.
    fileprivate func send(_ classes: [UInt8], by path: Path, usesSegmentation: Bool) -> SendReport {
        var bytes = [UInt8](repeating: 7, count: 100)
        var batch = SendBatch(capacity: classes.count, usesSegmentation: usesSegmentation)
        batch.turn(to: path)
        return bytes.withUnsafeMutableBytes { bytes in
            for trafficClass in classes { batch.append(bytes.baseAddress!, count: 100, trafficClass: trafficClass) }
            return batch.flush(near.workers[0])
        }
    }
}
