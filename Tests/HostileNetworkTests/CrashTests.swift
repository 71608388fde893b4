import Glibc
import Synchronization
import TestSupport
import Testing

extension HostileNetwork {
    /// What a daemon leaves behind that had no time to say goodbye.
    @Suite("A daemon that is killed at work")
    struct CrashTests {
        private static let rounds = 3

        @Test("is replaced by another under the same name, and its peers go on")
        func killed() async throws {
            try await Arena.run {
                try ip("link set lo up")
                let (left, right) = (try Site(1), try Site(2))
                try left.add(right, at: right.port)
                try right.add(left, at: left.port)
                for round in 0..<Self.rounds {
                    #expect(try left.reaches(right))
                    let stream = try Stream(from: left, to: right)
                    #expect(stream.flows)
                    try Self.kill(right, whileConfigured: round % 2 == 0)
                    // Its socket is still there, and nobody listens on it.
                    #expect(!ControlConnection.isPossible(to: right.interface))
                    #expect(names(in: Arena.sockets).contains(right.interface + ".sock"))
                    try right.restart()
                    try right.add(left, at: left.port)
                    // The new one begins, or the other one finds out.
                    #expect(try round % 2 == 0 ? right.reaches(left) : left.reaches(right))
                    #expect(left.isWell && right.isWell, "\(left.complaints + right.complaints)")
                }
            }
        }

        /// In the middle of packets and, if so meant, of a change.
        private static func kill(_ site: Site, whileConfigured: Bool) throws {
            let client = try ControlConnection(to: site.interface)
            var request = "set=1\n"
            for number in 0..<5000 {
                let digits = String(number)
                request +=
                    "public_key=" + String(repeating: "0", count: 64 - digits.count) + digits
                    + "\nallowed_ip=10.10.0.0/16\n"
            }
            if whileConfigured { client.say(request + "\n") }
            site.kill()
        }
    }
}
