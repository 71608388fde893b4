import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

/// Two hosts that know each other.
struct Pair {
    let world: FakeWorld
    let left: Host
    let right: Host

    init(seed: UInt64 = 1, presharedKey: PresharedKey? = nil, rightKnowsEndpoint: Bool = true) {
        world = FakeWorld(seed: seed)
        left = Host(1, in: world)
        right = Host(2, in: world)
        left.add(right, presharedKey: presharedKey)
        right.add(left, withEndpoint: rightKnowsEndpoint, presharedKey: presharedKey)
    }

    /// A session, begun by the left one.
    func connect() {
        left.send(0, to: right)
        world.pass(seconds: 1)
        right.forgetReceived()
        world.forgetWire()
    }

    var initiations: [FakeWorld.Datagram] { world.wire.filter { $0.type == 1 } }
    var keepalives: [FakeWorld.Datagram] { world.wire.filter(\.isKeepalive) }
}

@Suite("Sessions on a fake network")
struct SessionTests {
    @Test("the first packet waits for the handshake, and arrives after one round trip", arguments: [false, true])
    func firstPacket(_ hasPresharedKey: Bool) {
        let pair = Pair(presharedKey: hasPresharedKey ? .generate() : nil, rightKnowsEndpoint: false)
        for number in 1...3 { pair.left.send(UInt32(number), to: pair.right) }
        pair.world.pass(.milliseconds(3))
        #expect(pair.right.contents == [1, 2, 3])
        #expect(pair.world.wire.map(\.type) == [1, 2, 4, 4, 4])
        // And the answer needs none.
        pair.right.send(4, to: pair.left)
        pair.world.pass(.milliseconds(1))
        #expect(pair.left.contents == [4])
        #expect(pair.left.report(on: pair.right).latestHandshake.seconds > 0)
        #expect(pair.right.report(on: pair.left).latestHandshake.seconds > 0)
    }

    @Test("the responder does not send before the initiator has confirmed")
    func confirmation() {
        let pair = Pair()
        pair.world.weather.swallows = { $0.type == 4 }
        pair.left.send(1, to: pair.right)
        pair.world.pass(.milliseconds(10))
        pair.world.forgetWire()
        pair.right.send(2, to: pair.left)
        #expect(!pair.world.wire.contains { $0.type == 4 })
    }

    @Test("an initiator without packets confirms by a keepalive")
    func confirmsByKeepalive() {
        let pair = Pair()
        pair.left.set(pair.right.publicKey) { $0.persistentKeepalive = 25 }
        pair.world.pass(.milliseconds(10))
        #expect(pair.world.wire.map(\.type) == [1, 2, 4])
        #expect(pair.keepalives.count == 1)
    }

    @Test("wrong preshared keys, or one only, give no session")
    func presharedKeysMustAgree() {
        let pair = Pair(presharedKey: .generate())
        pair.right.set(pair.left.publicKey) { $0.presharedKey = .set(.generate()) }
        pair.left.send(1, to: pair.right)
        pair.world.pass(seconds: 20)
        #expect(pair.right.contents == [])
        #expect(pair.left.report(on: pair.right).latestHandshake.seconds == 0)
        pair.right.set(pair.left.publicKey) { $0.presharedKey = .clear }
        pair.left.send(2, to: pair.right)
        pair.world.pass(seconds: 20)
        #expect(pair.right.contents == [])
    }

    @Test("a preshared key that changes at both ends holds from the next handshake on, and the session goes on")
    func presharedKeyChange() {
        let pair = Pair()
        pair.connect()
        let key = PresharedKey.generate()
        pair.left.set(pair.right.publicKey) { $0.presharedKey = .set(key) }
        pair.right.set(pair.left.publicKey) { $0.presharedKey = .set(key) }
        for number in 0..<150 {
            pair.left.send(UInt32(number), to: pair.right)
            pair.world.pass(seconds: 1)
        }
        #expect(pair.right.contents == Array(0..<150))
        #expect(pair.initiations.count == 1)
    }

    @Test("both sides begin at once, and no packet is lost")
    func simultaneousInitiation() {
        for seed in Rounds.usual(50) {
            let pair = Pair(seed: UInt64(seed))
            pair.world.weather.jitter = .milliseconds(20)
            pair.left.send(1, to: pair.right)
            pair.right.send(2, to: pair.left)
            pair.world.pass(seconds: 6)
            #expect(pair.right.contents == [1], "seed \(seed)")
            #expect(pair.left.contents == [2], "seed \(seed)")
            // And they stay in touch.
            pair.left.send(3, to: pair.right)
            pair.right.send(4, to: pair.left)
            pair.world.pass(seconds: 1)
            #expect(pair.right.contents == [1, 3] && pair.left.contents == [2, 4], "seed \(seed)")
        }
    }

    @Test("a session is renewed by its initiator after 120 s of sending, without loss")
    func rekey() {
        let pair = Pair()
        pair.connect()
        for number in 0..<600 {
            pair.left.send(UInt32(number), to: pair.right)
            pair.right.send(UInt32(number), to: pair.left)
            pair.world.pass(seconds: 1)
        }
        #expect(pair.right.contents == Array(0..<600))
        #expect(pair.left.contents == Array(0..<600))
        #expect(pair.initiations.count == 4 || pair.initiations.count == 5)
        #expect(pair.initiations.allSatisfy { $0.source == pair.left.endpoint })
    }

    @Test("who began a session renews it when a packet comes in that finds it 165 s old, and not before")
    func rekeyWhenReceiving() {
        for (age, renews) in [(163, false), (165, true)] as [(UInt64, Bool)] {
            let pair = Pair()
            // A second of the session's life passes here.
            pair.connect()
            pair.world.pass(seconds: age)
            pair.right.send(1, to: pair.left)
            pair.world.pass(.milliseconds(10))
            #expect(pair.left.contents == [1])
            #expect(pair.initiations.map(\.source) == (renews ? [pair.left.endpoint] : []))
        }
    }

    @Test("nothing is sent or accepted under a session of 180 s")
    func rejectAfterTime() {
        // Both packets are delayed on the way. `connect` takes a second of the session's life.
        for (age, isAccepted) in [(178, true), (180, false)] as [(UInt64, Bool)] {
            let pair = Pair()
            pair.connect()
            pair.world.weather.swallows = { _ in true }
            pair.left.send(1, to: pair.right)
            let old = pair.world.wire.last!
            pair.world.pass(seconds: age)
            pair.world.forgetWire()
            pair.left.send(2, to: pair.right)
            #expect(pair.world.wire.contains { $0.type == 4 } == isAccepted)
            pair.world.deliver(old)
            pair.world.pass(.milliseconds(5))
            #expect(pair.right.contents == (isAccepted ? [1] : []))
        }
    }

    @Test("a packet of an old session that arrives late is accepted while the session may live")
    func previousSession() {
        let pair = Pair()
        pair.connect()
        var late: FakeWorld.Datagram?
        pair.world.weather.swallows = { datagram in
            guard late == nil, datagram.type == 4, datagram.source == pair.left.endpoint else { return false }
            late = datagram
            return true
        }
        pair.left.send(7, to: pair.right)
        pair.world.pass(seconds: 121)
        pair.left.send(8, to: pair.right)
        pair.world.pass(seconds: 1)
        #expect(pair.initiations.count == 1)
        #expect(pair.right.contents == [8])
        pair.world.deliver(late!)
        pair.world.pass(seconds: 1)
        #expect(pair.right.contents == [8, 7])
    }

    @Test("an initiation without answer is sent again after 5 s and a random 0 to 333 ms, for 90 s, and then given up")
    func giveUpAndRecover() {
        let pair = Pair()
        pair.world.weather.swallows = { _ in true }
        pair.left.send(1, to: pair.right)
        pair.world.pass(seconds: 300)
        let sent = pair.initiations.map(\.sentAt)
        #expect((17...19).contains(sent.count))
        for (earlier, later) in zip(sent, sent.dropFirst()) {
            #expect((5_000...5_334).contains(later.since(earlier).nanoseconds / 1_000_000))
        }
        #expect(sent.last!.since(sent.first!) <= .seconds(95))
        // The jitter of up to 333 ms is random each time (the paper's section 6.4).
        let jitters = zip(sent, sent.dropFirst()).map { Int($1.since($0).nanoseconds / 1_000_000) - 5_000 }
        #expect(Set(jitters).count > 8)
        #expect(jitters.min()! < 111 && jitters.max()! > 222, "\(jitters)")
        // The packet that waited is gone; the next one tries anew.
        pair.world.weather = .init()
        pair.left.send(2, to: pair.right)
        pair.world.pass(seconds: 1)
        #expect(pair.right.contents == [2])
    }

    @Test("packets that keep coming keep the handshake alive")
    func trafficKeepsTrying() {
        let pair = Pair()
        pair.world.weather.swallows = { _ in true }
        for number in 0..<400 {
            pair.left.send(UInt32(number), to: pair.right)
            pair.world.pass(seconds: 1)
        }
        #expect(pair.initiations.last!.sentAt.since(pair.initiations.first!.sentAt) > .seconds(380))
        pair.world.weather = .init()
        pair.world.pass(seconds: 6)
        // The newest that there was room for.
        #expect(pair.right.contents == Array(272..<400))
    }

    @Test("a peer that lost its memory is back within one retry")
    func restart() {
        let pair = Pair()
        pair.connect()
        pair.right.restart()
        pair.right.add(pair.left)
        // The one that started anew has something to say.
        pair.right.send(1, to: pair.left)
        pair.world.pass(.milliseconds(10))
        #expect(pair.left.contents.last == 1)
        // Or the other one, who notices by silence.
        pair.left.restart()
        pair.left.add(pair.right)
        let begin = pair.world.now
        for number in 0..<30 {
            pair.right.send(UInt32(100 + number), to: pair.left)
            pair.world.pass(seconds: 1)
        }
        #expect(pair.left.contents.last == 129)
        let initiation = pair.initiations.last { $0.source == pair.right.endpoint }!
        #expect((14...16).contains(initiation.sentAt.since(begin).nanoseconds / 1_000_000_000))
    }

    @Test("keys are forgotten after three times the life of a session")
    func zeroKeys() {
        let pair = Pair()
        pair.connect()
        let index = pair.left.tunnel.sessionCount
        #expect(index == 1)
        pair.world.weather.swallows = { _ in true }
        pair.world.pass(seconds: 539)
        #expect(pair.left.tunnel.sessionCount == 1)
        pair.world.pass(seconds: 2)
        #expect(pair.left.tunnel.sessionCount == 0)
        #expect(pair.right.tunnel.sessionCount == 0)
    }
}
