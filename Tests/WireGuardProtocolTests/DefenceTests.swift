import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

/// Rate limits on handshakes, and the state left of a removed peer.
@Suite("Defences of a tunnel")
struct DefenceTests {
    private let start = Instant(nanoseconds: 1_000_000_000_000)
    private let key = PrivateKey.generate()
    private let tunnel = Tunnel()

    @Test("initiations of one peer are answered 50 ms after the last one, and not before")
    func initiationInterval() {
        var initiator = LoneInitiator(to: key.publicKey)
        tunnel.set(key, peers: [initiator.publicKey], start)
        _ = tunnel.start(start)
        // Milliseconds, and whether there is an answer. An unanswered initiation starts no new interval.
        let events: [(UInt64, Bool)] = [(0, true), (49, false), (50, true), (60, false), (99, false), (100, true)]
        for (index, (milliseconds, isAnswered)) in events.enumerated() {
            let message = initiator.initiation(timestamp: Int64(index))
            let reaction = receive(message, at: start + .milliseconds(milliseconds))
            #expect((reaction.reply?.span.count == MessageSize.response) == isAnswered, "\(milliseconds) ms")
        }
    }

    @Test("under load 5 handshakes of one address are computed at once, and then one every 50 ms")
    func rateUnderLoad() {
        var initiators = (0..<20).map { _ in LoneInitiator(to: key.publicKey) }
        tunnel.set(key, peers: initiators.map(\.publicKey), start)
        _ = tunnel.start(start)
        for index in initiators.indices {
            let message = initiators[index].initiation(timestamp: 1, at: start)
            let cookie = receive(message, isUnderLoad: true, at: start).reply
            #expect(cookie?.span.count == MessageSize.cookieReply)
            #expect(cookie.map { initiators[index].take($0, at: start) } == true)
        }
        var answered: [Int] = []
        for index in initiators.indices {
            // Ten at once, then ten more 10 ms apart.
            let now = start + .milliseconds(index < 10 ? 0 : UInt64(index - 9) * 10)
            let message = initiators[index].initiation(timestamp: 2, at: now)
            if receive(message, isUnderLoad: true, at: now).reply != nil { answered.append(index) }
        }
        #expect(answered == [0, 1, 2, 3, 4, 14, 19])
    }

    @Test("the interface is under load from 256 waiting handshake messages on, and for a second after")
    func underLoad() {
        // Milliseconds, waiting messages, and whether the interface is under load.
        let events: [(UInt64, Int, Bool)] = [
            (0, 1, false), (1, 255, false), (2, 256, true), (3, 1, true), (1_001, 1, true), (1_002, 1, false),
            (2_000, 5_000, true), (2_999, 1, true), (3_000, 1, false),
        ]
        for (milliseconds, waiting, isUnderLoad) in events {
            let now = start + .milliseconds(milliseconds)
            #expect(tunnel.isUnderLoad(waiting: waiting, now) == isUnderLoad, "\(milliseconds) ms")
        }
    }

    @Test("a removed peer's preshared key is erased, though a worker still holds a reference to the peer")
    func removedPeersPresharedKey() {
        let pair = Pair()
        weak var secret: SecretBytes?
        do {
            let key = PresharedKey.generate()
            secret = key.secret
            pair.left.set(pair.right.publicKey) { $0.presharedKey = .set(key) }
        }
        let peer = pair.left.tunnel.peer(owning: pair.right.innerAddress)
        #expect(peer != nil && secret != nil)
        pair.left.set(pair.right.publicKey) { $0.remove = true }
        #expect(secret == nil)
    }

    @Test("padding is zeros, whatever stood in memory, up to a multiple of 16 bytes")
    func padding() {
        let pair = Pair()
        pair.connect()
        pair.left.send(7, to: pair.right)
        pair.world.pass(seconds: 1)
        #expect(pair.right.contents == [7])
        #expect(pair.right.latestPlaintext.count == 32)
        #expect(pair.right.latestPlaintext[24...].allSatisfy { $0 == 0 })
    }

    @Test("padding does not make a packet longer than the MTU")
    func paddingLimit() {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 16) { memory in
            let counts = [0, 1, 16, 17, 1_408, 1_409, 1_420, 1_425].map { count in
                UnsafePacket(start: memory.baseAddress!, count: count).paddedCount(1_420)
            }
            #expect(counts == [0, 16, 16, 32, 1_408, 1_420, 1_420, 1_425])
        }
    }

    // MARK: -

    private func receive(_ message: [UInt8], isUnderLoad: Bool = false, at now: Instant) -> Tunnel.Reaction {
        let wall = HandshakeTime(seconds: 1, nanoseconds: 0)
        return tunnel.receive(
            message.span, by: LoneInitiator.path, isUnderLoad: isUnderLoad, at: Moment(now, wall: wall))
    }
}
