import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

@Suite("Traffic on a fake network")
struct TrafficTests {
    @Test("days of protocol time with loss, reorder and duplication: nothing twice, nothing wrong, no long silence")
    func days() {
        for seed in 1...2 {
            let pair = Pair(seed: UInt64(seed))
            pair.world.weather.lost = 50
            pair.world.weather.doubled = 50
            pair.world.weather.jitter = .milliseconds(400)
            var sent: UInt32 = 0
            var dice = SeededRandom(UInt64(seed))
            let packets = 40_000
            var silence = 0
            for _ in 0..<packets {
                pair.left.send(sent, to: pair.right)
                if dice.once(in: 3) { pair.right.send(sent, to: pair.left) }
                sent += 1
                let before = pair.right.received.count
                // Mostly seconds, now and then hours.
                pair.world.pass(.milliseconds(dice.once(in: 2000) ? 7_200_000 : UInt64(dice.below(8000))))
                silence = pair.right.received.count == before ? silence + 1 : 0
                #expect(silence < 20)
            }
            pair.world.pass(seconds: 30)
            for host in [pair.left, pair.right] { #expect(Set(host.contents).count == host.contents.count) }
            // 5 in 100 are lost on the way, and some while a handshake is lost.
            #expect(pair.right.contents.count > packets * 93 / 100)
            #expect(pair.world.now.nanoseconds > 172_800_000_000_000)
        }
    }

    @Test("what is replayed is accepted once, whoever sends it and when")
    func replays() {
        let pair = Pair()
        pair.connect()
        var dice = SeededRandom(7)
        for number in 0..<500 {
            pair.left.send(UInt32(number), to: pair.right)
            for _ in 0..<3 { pair.world.deliver(dice.pick(pair.world.wire)) }
            pair.world.pass(.milliseconds(100))
        }
        #expect(pair.right.contents.sorted() == Array(0..<500))
    }

    @Test("a whole old conversation, replayed, changes nothing")
    func replayedHandshakes() {
        let pair = Pair()
        pair.left.send(1, to: pair.right)
        pair.world.pass(seconds: 1)
        let conversation = pair.world.wire
        pair.world.pass(seconds: 1)
        pair.world.forgetWire()
        let before = pair.right.report(on: pair.left)
        for datagram in conversation { pair.world.deliver(datagram) }
        pair.world.pass(seconds: 1)
        #expect(pair.world.wire.isEmpty)
        #expect(pair.right.contents == [1])
        #expect(pair.right.report(on: pair.left).received == before.received)
    }

    @Test("the wall clock jumps back, and handshakes go on")
    func clockJumps() {
        let pair = Pair()
        pair.connect()
        for jump: Int64 in [-3600, 86_400 * 365, -86_400 * 700, 5] {
            pair.world.wallSeconds += jump
            pair.world.pass(seconds: 200)
            pair.left.send(UInt32(truncatingIfNeeded: jump), to: pair.right)
            pair.world.pass(seconds: 1)
            #expect(pair.right.contents.last == UInt32(truncatingIfNeeded: jump))
        }
    }

    @Test("the monotonic clock leaps, as after a long sleep")
    func sleep() {
        let pair = Pair()
        pair.connect()
        pair.world.pass(seconds: 86_400 * 30)
        pair.left.send(1, to: pair.right)
        pair.world.pass(seconds: 1)
        #expect(pair.right.contents == [1])
    }

    @Test("a peer is where its last authentic packet came from")
    func roaming() {
        let pair = Pair()
        pair.connect()
        let elsewhere = Endpoint(address: IPAddress(v6: 0x2001_0db8 << 32, 9), port: 7)
        pair.left.move(to: elsewhere)
        pair.right.send(1, to: pair.left)
        pair.world.pass(seconds: 1)
        #expect(pair.left.contents == [])
        pair.left.send(2, to: pair.right)
        pair.world.pass(seconds: 1)
        #expect(pair.right.report(on: pair.left).endpoint == elsewhere)
        pair.right.send(3, to: pair.left)
        pair.world.pass(seconds: 1)
        #expect(pair.left.contents == [3])
    }

    @Test("neither forged, replayed nor cookie packets move a peer")
    func noFalseRoaming() throws {
        let pair = Pair()
        pair.connect()
        pair.left.send(1, to: pair.right)
        pair.world.pass(seconds: 1)
        let thief = Endpoint(address: IPAddress(v4: 0x0808_0808), port: 1)
        let seen = pair.world.wire.last { $0.type == 4 }!
        pair.right.receive(seen.bytes, from: thief)
        var forged = seen.bytes
        forged[20] ^= 1
        forged[8] = 99
        pair.right.receive(forged, from: thief)
        #expect(pair.right.report(on: pair.left).endpoint == pair.left.endpoint)

        // A cookie reply that is real, but comes from elsewhere.
        pair.right.isUnderLoad = true
        pair.left.set(pair.right.publicKey) { $0.endpoint = pair.right.endpoint }
        pair.world.pass(seconds: 200)
        pair.world.forgetWire()
        pair.world.weather.swallows = { $0.type == 3 }
        pair.left.send(2, to: pair.right)
        pair.world.pass(.milliseconds(10))
        let cookie = try #require(pair.world.wire.first { $0.type == 3 })
        pair.left.receive(cookie.bytes, from: thief)
        #expect(pair.left.report(on: pair.right).endpoint == pair.right.endpoint)
    }

    @Test("an endpoint that is set holds at once")
    func endpointChange() {
        let pair = Pair()
        pair.connect()
        let elsewhere = Endpoint(address: IPAddress(v4: 0x0102_0304), port: 5)
        pair.left.set(pair.right.publicKey) { $0.endpoint = elsewhere }
        pair.left.send(1, to: pair.right)
        #expect(pair.world.wire.last?.target == elsewhere)
    }

    @Test("under load a cookie is demanded, and the peer comes in with it")
    func cookieUnderLoad() {
        let pair = Pair()
        pair.right.isUnderLoad = true
        pair.left.send(1, to: pair.right)
        pair.world.pass(.milliseconds(10))
        #expect(pair.world.wire.map(\.type) == [1, 3])
        pair.world.pass(seconds: 6)
        #expect(pair.world.wire.map(\.type).prefix(5) == [1, 3, 1, 2, 4])
        #expect(pair.right.contents == [1])
    }

    @Test("a session is renewed while the responder is under load, without a gap in the stream")
    func rekeyUnderLoad() {
        let pair = Pair()
        pair.connect()
        pair.right.isUnderLoad = true
        for number in 0..<400 {
            pair.left.send(UInt32(number), to: pair.right)
            pair.world.pass(seconds: 1)
        }
        #expect(pair.right.contents == Array(0..<400))
        // Each time the first initiation is answered by a cookie; the cookie of the last time is too old.
        let types = pair.world.wire.map(\.type).filter { $0 != 4 }
        #expect(types.starts(with: [1, 3, 1, 2, 1, 3, 1, 2]))
    }

    @Test("a cookie is of use only where it was given")
    func cookieOfAnotherAddress() {
        let pair = Pair()
        pair.right.isUnderLoad = true
        pair.left.send(1, to: pair.right)
        pair.world.pass(.milliseconds(10))
        pair.left.move(to: Endpoint(address: pair.left.endpoint.address, port: 1))
        pair.world.forgetWire()
        pair.world.pass(seconds: 6)
        #expect(pair.world.wire.map(\.type) == [1, 3])
    }

    @Test("data is answered by a keepalive after 10 s of having nothing to say, keepalives are not")
    func passiveKeepalive() {
        let pair = Pair()
        pair.connect()
        pair.world.pass(seconds: 20)
        pair.world.forgetWire()
        pair.left.send(1, to: pair.right)
        let begin = pair.world.now
        pair.world.pass(seconds: 60)
        #expect(pair.keepalives.count == 1)
        #expect(pair.keepalives.first?.source == pair.right.endpoint)
        #expect(pair.keepalives.first.map { $0.sentAt.since(begin).nanoseconds / 1_000_000 } == 10_001)
        #expect(pair.initiations.isEmpty)
    }

    @Test("a persistent keepalive goes out at its interval, and after a silence of the other side too")
    func persistentKeepalive() {
        let pair = Pair()
        pair.left.set(pair.right.publicKey) { $0.persistentKeepalive = 10 }
        pair.world.pass(seconds: 105)
        #expect((10...12).contains(pair.keepalives.filter { $0.source == pair.left.endpoint }.count))
        // The peer is away for a day, then back.
        pair.world.weather.swallows = { _ in true }
        pair.world.pass(seconds: 86_400)
        pair.world.weather = .init()
        pair.world.forgetWire()
        pair.world.pass(seconds: 30)
        #expect(pair.world.wire.contains { $0.type == 2 })
        pair.left.set(pair.right.publicKey) { $0.persistentKeepalive = 0 }
        pair.world.pass(seconds: 30)
        pair.world.forgetWire()
        pair.world.pass(seconds: 60)
        #expect(pair.world.wire.isEmpty)
    }

    @Test("counters never go round, and a session near their end is renewed")
    func counterLimits() {
        let keys = SessionKeys(send: PrivateKey.generate().secret, receive: PrivateKey.generate().secret)
        let keypair = Keypair(
            keys: keys, localIndex: 1, remoteIndex: 2, isInitiator: false, createdAt: Instant(nanoseconds: 0),
            onWallClock: HandshakeTime(seconds: 0, nanoseconds: 0), nextCounter: Limits.rejectAfterMessages - 10)
        #expect(keypair.reserve(8) == Limits.rejectAfterMessages - 10)
        #expect(keypair.reserve(8) == nil)
        #expect(keypair.reserve(1) == nil)
        #expect(keypair.needsRenewal(at: Instant(nanoseconds: 0), counter: Limits.rekeyAfterMessages))
        #expect(!keypair.needsRenewal(at: Instant(nanoseconds: 0), counter: Limits.rekeyAfterMessages - 1))
    }
}
