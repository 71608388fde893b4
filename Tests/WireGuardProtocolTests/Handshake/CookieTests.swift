import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

@Suite("Cookies")
struct CookieTests {
    private typealias Vectors = HandshakeVectors
    private let responder = Vectors.responder.publicKey
    private let source = Endpoint(address: IPAddress(v4: 0xc000_0207), port: 51820)
    private let begin = Instant(nanoseconds: 1_000_000_000_000)

    /// Gives the bytes 200, 201, … and then, from 100, those of the nonce.
    private static let counting = Entropy { room in
        let first: UInt8 = room.count == 32 ? 200 : 100
        for index in room.indices { room[index] = first &+ UInt8(index) }
    }

    private func initiation() -> InitiationBytes { InitiationBytes { Vectors.initiation[$0] } }

    // MARK: MAC1

    @Test("MAC1 is what the vectors say")
    func mac1() {
        var keeper = CookieKeeper(responder)
        var message = initiation()
        for index in 116..<132 { message[index] = 0 }
        keeper.stamp(&message, begin)
        #expect(message.bytes == Vectors.initiation)
        var other = CookieKeeper(Vectors.initiator.publicKey)
        var response = ResponseBytes { $0 < 60 ? Vectors.response[$0] : 0 }
        other.stamp(&response, begin)
        #expect(response.bytes == Vectors.response)
    }

    @Test("MAC1 covers all before it, and holds for one receiver only")
    func mac1Covers() {
        let checker = CookieChecker(responder)
        #expect(checker.hasValidMAC1(Vectors.initiation))
        for index in 0..<132 {
            let message = Vectors.initiation.flipped(at: index, bit: index % 8)
            #expect(!checker.hasValidMAC1(message))
        }
        // MAC2 stands behind it.
        let message = Vectors.initiation.flipped(at: 140)
        #expect(checker.hasValidMAC1(message))
        #expect(!CookieChecker(Vectors.initiator.publicKey).hasValidMAC1(Vectors.initiation))
        #expect(CookieChecker(Vectors.initiator.publicKey).hasValidMAC1(Vectors.response))
    }

    // MARK: The initiator's side

    @Test("a cookie out of the vector gives the vector's MAC2")
    func cookieVector() {
        var keeper = CookieKeeper(responder)
        var message = initiation()
        keeper.stamp(&message, begin)
        let consumed = keeper.consume(Vectors.cookieReply, begin)
        #expect(consumed)
        keeper.stamp(&message, begin)
        #expect(Array(message.bytes[132...]).hex == Vectors.mac2)
        #expect(Array(message.bytes[..<132]) == Array(Vectors.initiation[..<132]))
    }

    @Test("a reply is taken after the message that it answers, and once")
    func replyNeedsMessage() {
        var keeper = CookieKeeper(responder)
        var isTaken = keeper.consume(Vectors.cookieReply, begin)
        #expect(!isTaken)
        var message = initiation()
        keeper.stamp(&message, begin)
        isTaken = keeper.consume(Vectors.cookieReply, begin)
        #expect(isTaken)
        isTaken = keeper.consume(Vectors.cookieReply, begin)
        #expect(!isTaken)
        // Another message has another MAC1.
        message[5] ^= 1
        keeper.stamp(&message, begin)
        isTaken = keeper.consume(Vectors.cookieReply, begin)
        #expect(!isTaken)
    }

    @Test("a reply that was changed, cut or extended is refused, and the right one still taken")
    func forgedReplies() {
        var keeper = CookieKeeper(responder)
        var message = initiation()
        keeper.stamp(&message, begin)
        for bit in 0..<(64 * 8) {
            // Whose message it answers is for the index table to find.
            if (4..<8).contains(bit / 8) { continue }
            let reply = Vectors.cookieReply.flipped(at: bit / 8, bit: bit % 8)
            let isTaken = keeper.consume(reply, begin)
            #expect(!isTaken, "bit \(bit)")
        }
        for count in Array(0..<64) + [65, 92, 148] {
            let reply = Array((Vectors.cookieReply + [UInt8](repeating: 0, count: 100))[..<count])
            let isTaken = keeper.consume(reply, begin)
            #expect(!isTaken)
        }
        let isTaken = keeper.consume(Vectors.cookieReply, begin)
        #expect(isTaken)
    }

    @Test("a cookie is used for 115 s")
    func cookieAge() {
        var keeper = CookieKeeper(responder)
        var message = initiation()
        keeper.stamp(&message, begin)
        _ = keeper.consume(Vectors.cookieReply, begin)
        for (seconds, isUsed) in [(0, true), (60, true), (114, true), (115, false), (120, false), (10_000, false)] {
            var message = initiation()
            keeper.stamp(&message, begin + .seconds(UInt64(seconds)))
            #expect(message.bytes[132...].contains { $0 != 0 } == isUsed, "\(seconds) s")
        }
    }

    // MARK: The responder's side

    @Test(
        "a cookie is the MAC of address and port",
        arguments: [
            // Computed by Python's hashlib.
            (IPAddress(v4: 0xc000_0207), "2b9e5e8b20c810e2eae4319f9b068ad1"),
            (IPAddress(v6: 0x2001_0db8_0000_0000, 7), "fe28dc7675a0c2f169257797a002118e"),
        ])
    func cookieIsMAC(_ address: IPAddress, _ expected: String) {
        var checker = CookieChecker(responder)
        let reply = checker.reply(
            to: Vectors.initiation, from: Endpoint(address: address, port: 51820), begin, Self.counting)
        #expect(Array(reply[..<32]) == Array(Vectors.cookieReply[..<32]))
        let label = "cookie--".bytes
        let key = Blake2s.hash(label.span, responder.bytes.span)
        var cookie = [UInt8](repeating: 0, count: 16)
        var room = cookie.mutableSpan
        let (sealed, mac1) = (Array(reply[32...]), Array(Vectors.initiation[116..<132]))
        let isAuthentic = XChaCha20Poly1305.open(
            sealed.span, key: key, nonce: InlineArray { 100 + UInt8($0) }, authenticating: mac1.span, into: &room)
        #expect(isAuthentic)
        #expect(cookie.hex == expected)
    }

    /// A message with the cookie that the checker has given to `source`.
    private func proven(_ checker: inout CookieChecker, from source: Endpoint, _ now: Instant) -> [UInt8] {
        var keeper = CookieKeeper(responder)
        var message = initiation()
        keeper.stamp(&message, now)
        let reply = checker.reply(to: message.bytes, from: source, now, .system)
        let isTaken = keeper.consume(reply, now)
        #expect(isTaken)
        keeper.stamp(&message, now)
        return message.bytes
    }

    @Test("a cookie proves one address and port only")
    func cookieIsForOneSource() {
        for address in [IPAddress(v4: 0xc000_0207), IPAddress(v6: 0x2001_0db8_0000_0000, 7)] {
            var checker = CookieChecker(responder)
            let source = Endpoint(address: address, port: 51820)
            let message = proven(&checker, from: source, begin)
            #expect(checker.hasValidMAC1(message))
            #expect(checker.hasValidMAC2(message, from: source, begin))
            let others = [
                Endpoint(address: address, port: 51821),
                Endpoint(address: address, port: 51820 ^ 0x100),
                Endpoint(address: IPAddress(v4: 0xc000_0208), port: 51820),
                Endpoint(address: IPAddress(v6: 0x2001_0db8_0000_0000, 8), port: 51820),
                Endpoint(address: IPAddress(v6: 0x2001_0db8_0000_0001, 7), port: 51820),
            ]
            for other in others { #expect(!checker.hasValidMAC2(message, from: other, begin)) }
        }
    }

    @Test("MAC2 covers all before it, MAC1 included")
    func mac2Covers() {
        var checker = CookieChecker(responder)
        let message = proven(&checker, from: source, begin)
        for index in 0..<148 {
            let changed = message.flipped(at: index, bit: index % 8)
            #expect(!checker.hasValidMAC2(changed, from: source, begin))
        }
        #expect(checker.hasValidMAC2(message, from: source, begin))
    }

    @Test("cookies hold for two minutes from when their secret was made")
    func secretAge() {
        var checker = CookieChecker(responder)
        #expect(!checker.hasValidMAC2(Vectors.initiation, from: source, begin))
        let first = proven(&checker, from: source, begin)
        let later = proven(&checker, from: source, begin + .seconds(100))
        // One secret, so one cookie.
        #expect(first == later)
        #expect(checker.hasValidMAC2(first, from: source, begin + .seconds(119)))
        #expect(!checker.hasValidMAC2(first, from: source, begin + .seconds(120)))
        let next = proven(&checker, from: source, begin + .seconds(120))
        #expect(next != first)
        #expect(!checker.hasValidMAC2(first, from: source, begin + .seconds(120)))
        #expect(checker.hasValidMAC2(next, from: source, begin + .seconds(239)))
    }

    @Test("messages without MAC2 prove nothing, even with a secret at hand")
    func missingMAC2() {
        var checker = CookieChecker(responder)
        _ = proven(&checker, from: source, begin)
        #expect(!checker.hasValidMAC2(Vectors.initiation, from: source, begin))
    }

    @Test("responses are answered and stamped like initiations")
    func responses() {
        var checker = CookieChecker(Vectors.initiator.publicKey)
        var keeper = CookieKeeper(Vectors.initiator.publicKey)
        var message = ResponseBytes { $0 < 60 ? Vectors.response[$0] : 0 }
        keeper.stamp(&message, begin)
        let reply = checker.reply(to: message.bytes, from: source, begin, .system)
        let index = CookieReply.receiverIndex(reply.span)
        #expect(index == Vectors.responderIndex)
        let isTaken = keeper.consume(reply, begin)
        #expect(isTaken)
        keeper.stamp(&message, begin)
        #expect(checker.hasValidMAC1(message.bytes))
        #expect(checker.hasValidMAC2(message.bytes, from: source, begin))
    }
}
