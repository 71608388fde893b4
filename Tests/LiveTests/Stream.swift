import Glibc
import Synchronization
import TestSupport
import Testing

/// A TCP connection through a tunnel, by which both ends send while they receive, different bytes.
struct Stream {
    private let workers: [Worker]
    private let failures = Failures()

    /// 16 MB each way.
    static func expect(
        from left: Node, to right: Node, at address: String, count: Int = 16 << 20,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let failures = try Stream(from: left, to: right, at: address, count: count).end()
        #expect(failures == [], "\(address)", sourceLocation: location)
    }

    /// Begins to send.
    init(from left: Node, to right: Node, at address: String, count: Int) throws {
        let (caller, accepted) = try InnerSocket.connection(from: left, to: right, at: address)
        let there = Array(Payload.bytes[..<count])
        let back = Array(Payload.bytes.suffix(count).reversed())
        let works: [@Sendable () throws -> Void] = [
            { try caller.sendAll(there) }, { try caller.expectAll(back) },
            { try accepted.sendAll(back) }, { try accepted.expectAll(there) },
        ]
        workers = works.map { [failures] work in
            Worker {
                do { try work() } catch { failures.list.withLock { $0.append("\(error)") } }
            }
        }
    }

    /// Waits for the last byte. What went wrong.
    func end() -> [String] {
        for worker in workers { worker.join() }
        return failures.list.withLock { $0 }
    }

    private final class Failures: Sendable {
        let list = Mutex<[String]>([])
    }
}

/// What tests send: no part of it is like another.
enum Payload {
    static let bytes: [UInt8] = {
        var random = SeededRandom(7)
        return (0..<(1 << 21)).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
    }()
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
