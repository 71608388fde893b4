import Glibc
import TestSupport
import Testing

extension HostileNetwork {
    /// More handshakes than anybody could answer.
    @Suite("A flood of handshakes")
    struct FloodTests {
        private static let rate = 50_000
        private static let seconds = 20
        /// Most of what a daemon may ever have needed: buffers of workers, and full queues.
        private static let mostMemory = 32 << 20

        @Test("leaves a stream half its speed, needs little memory, is asked for cookies, and lets new peers in")
        func flood() async throws {
            try await Arena.run {
                try ip("link set lo up")
                let (left, right, guest) = (try Site(1), try Site(2), try Site(3))
                try right.add(left)
                try right.add(guest)
                try left.add(right, at: right.port)
                let initiations = Initiations.make(2048, for: right)
                let stream = try Stream(from: left, to: right)
                #expect(stream.flows)

                // Beside a flood to a port where nobody listens, before and after.
                let closedPort = try DatagramSocket().port
                let before = try Self.speed(of: stream, beside: Self.flood(initiations, to: closedPort, seconds: 5))
                let flood = try Self.flood(initiations, to: right.port, seconds: Self.seconds)
                let during = try Self.speed(of: stream, beside: flood) {
                    try guest.add(right, at: right.port)
                    try guest.set("peer", right.publicKeyText, "persistent-keepalive", "1")
                    let getsIn = try waits { try guest.latestHandshake(with: right) > 0 || flood.isOver }
                    #expect(getsIn && !flood.isOver, "a new peer is kept out")
                }
                let after = try Self.speed(of: stream, beside: Self.flood(initiations, to: closedPort, seconds: 5))
                let usual = (before + after) / 2
                #expect(during * 2 > usual, "\(Int(during)) MB/s; \(Int(before)) before, \(Int(after)) after")

                let replies = flood.replies()
                #expect(!replies.isEmpty, "nobody is asked for a cookie")
                #expect(replies.allSatisfy { $0.count == 64 && $0[0] == 3 })
                #expect(right.peakMemory < Self.mostMemory, "\(right.peakMemory >> 20) MB")
                #expect(stream.flows)
                #expect(right.isWell && left.isWell && guest.isWell, "\(right.complaints)")
            }
        }

        private static func flood(_ messages: [[UInt8]], to port: UInt16, seconds: Int) throws -> Flood {
            try Flood(of: messages, to: port, count: rate * seconds, rate: rate)
        }

        /// In MB a second, over the whole of the flood.
        private static func speed(
            of stream: Stream, beside flood: Flood, _ meanwhile: () throws -> Void = {}
        ) throws -> Double {
            let (begin, bytes) = (nanoseconds(), stream.received)
            try meanwhile()
            flood.join()
            return Double(stream.received - bytes) / Double(nanoseconds() - begin) * 1000
        }
    }
}
