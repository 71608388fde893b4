import Glibc
import TestSupport
import Testing

extension HostileNetwork {
    /// What comes to the UDP socket of our daemon and is not what a peer says.
    @Suite("Hostile messages")
    struct MessageTests {
        @Test("are met with silence, change nothing, and harm no session")
        func silence() async throws {
            try await Arena.run {
                try ip("link set lo up")
                let (left, right) = (try Site(1), try Site(2))
                let relay = try Relay(between: left, and: right)
                let captured = try Self.captureAllTypes(left, right, relay)
                try Self.attack(left, right, relay, captured)
                #expect(try left.reaches(right))
                #expect(try right.reaches(left))
            }
        }

        @Test("among true ones keep no handshake and no packet from arriving")
        func amongTrueOnes() async throws {
            try await Arena.run {
                try ip("link set lo up")
                let (left, right) = (try Site(1), try Site(2))
                let relay = try Relay(between: left, and: right) { message in
                    // Fewer than what makes a site believe that it is under load.
                    Mutations.flippedOnce(message.bytes, in: 0..<message.bytes.count)
                        + Mutations.truncated(message.bytes).suffix(20) + [
                            message.bytes.reversed(), message.bytes + [0],
                        ]
                }
                // All in one handshake, and in one round.
                let answers = try left.inner.run {
                    try run("ping", ["-c", "20", "-i", "0.01", "-W", "4", right.innerAddress]).out
                }
                #expect(answers.contains(" 20 received"), "\(answers)")
                #expect(relay.messages.filter { $0.type == 1 }.count == 1)
                #expect(relay.messages.filter { $0.type == 2 }.count == 1)
                #expect(left.isWell && right.isWell, "\(left.complaints + right.complaints)")
            }
        }

        // MARK: Steps

        /// Lets the sites say everything that there is to say, and then fall silent. The newest message of each type.
        private static func captureAllTypes(_ left: Site, _ right: Site, _ relay: Relay) throws -> [Relay.Message] {
            // Too many handshakes at once: the next sender is asked for a cookie.
            let crowd = try DatagramSocket()
            for message in Initiations.make(1000, for: right) { try crowd.send(message, to: right.port) }
            #expect(try left.reaches(right))
            #expect(try right.reaches(left))
            // Who has heard data, and has nothing to say, says that once.
            let fallsSilent = waits {
                relay.messages.last?.isKeepalive == true && left.comesToRest() && right.comesToRest()
            }
            #expect(fallsSilent)
            let newest = [1, 2, 3, 4].compactMap { type in relay.messages.last { $0.type == type && !$0.isKeepalive } }
            #expect(newest.map(\.type) == [1, 2, 3, 4])
            return newest + [relay.messages.last!]
        }

        private static func attack(_ left: Site, _ right: Site, _ relay: Relay, _ captured: [Relay.Message]) throws {
            let strangers = [try DatagramSocket(.v4), try DatagramSocket(.v6)]
            let dumps = [try left.dump(), try right.dump()]
            let said = relay.messages.count

            /// To both sites, by a stranger on each family, and in the name of the sender.
            func send(_ messages: [[UInt8]], _ message: Relay.Message? = nil) throws {
                for (index, bytes) in messages.enumerated() {
                    try strangers[index % 2].send(bytes, to: left.port)
                    try strangers[index % 2].send(bytes, to: right.port)
                    try relay.forge(bytes, asIfFromLeft: message?.isFromLeft ?? (index % 3 == 0))
                    if index % 64 == 63 { usleep(1000) }
                }
                #expect(left.comesToRest() && right.comesToRest())
            }

            // Whose MAC1 is right, and who would be asked for a cookie if there were too many: a few at a time.
            for message in captured {
                try send([message.bytes, message.bytes], message)
                try send(
                    Mutations.flippedOnce(message.bytes, in: message.bytes.count - 16..<message.bytes.count), message)
            }
            for message in captured {
                try send(Mutations.truncated(message.bytes), message)
                try send(Mutations.extended(message.bytes), message)
                try send(Mutations.flipped(message.bytes, in: 0..<message.bytes.count - 16), message)
            }
            var dice = SeededRandom(7)
            try send(Mutations.random(4000, like: captured.map(\.bytes), &dice))

            #expect(!strangers.contains { $0.hasMore() }, "a stranger got an answer")
            #expect(relay.messages.count == said, "something was said: \(relay.messages[said...])")
            #expect([try left.dump(), try right.dump()] == dumps)
            #expect(left.isWell && right.isWell, "\(left.complaints + right.complaints)")
            // Nothing of it was lost on the way, and nothing left unread.
            #expect(UDPTable.drops(port: left.port) == 0 && UDPTable.drops(port: right.port) == 0)
        }
    }
}
