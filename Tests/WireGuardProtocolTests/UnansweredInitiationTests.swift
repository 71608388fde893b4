import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

/// An unanswered initiation, with its ephemeral private key, lives until the next try, until a session of the peer's
/// own handshake is in use, or until the interface goes down; no longer.
@Suite("Unanswered initiations")
struct UnansweredInitiationTests {
    @Test("a response held back until the peer's own handshake has completed is refused", arguments: [1, 3600])
    func heldBackResponse(seconds: UInt64) {
        let pair = Pair()
        let held = pair.holdBackResponse()
        pair.right.send(1, to: pair.left)
        pair.world.pass(.milliseconds(10))
        #expect(pair.left.contents == [1])
        // There is one session, and no initiation.
        #expect(pair.left.tunnel.indexCount == 1)
        pair.world.pass(seconds: seconds)
        let before = (pair.left.report(on: pair.right).latestHandshake, pair.left.tunnel.sessionCount)
        pair.world.deliver(held)
        pair.world.pass(.milliseconds(10))
        let after = (pair.left.report(on: pair.right).latestHandshake, pair.left.tunnel.sessionCount)
        #expect(after == before)
        pair.left.send(2, to: pair.right)
        pair.world.pass(seconds: 6)
        #expect(pair.right.contents.contains(2))
    }

    @Test("a response is taken up to 5 s after its initiation and refused after a whole retry interval")
    func lateResponse() {
        for (milliseconds, isTaken) in [(4_990, true), (5_340, false)] as [(UInt64, Bool)] {
            let pair = Pair()
            let held = pair.holdBackResponse()
            // The peer's timers are not served: the machine was asleep, or very busy.
            pair.left.isAsleep = true
            pair.world.pass(.milliseconds(milliseconds))
            pair.left.receive(held.bytes, from: held.source)
            #expect(pair.left.tunnel.sessionCount == (isTaken ? 1 : 0), "\(milliseconds) ms")
        }
    }

    @Test("nothing is left of a handshake that was given up")
    func givenUp() {
        let pair = Pair()
        pair.world.weather.swallows = { _ in true }
        pair.left.send(1, to: pair.right)
        pair.world.pass(seconds: 89)
        #expect(pair.left.tunnel.indexCount == 1)
        pair.world.pass(seconds: 7)
        #expect(pair.left.tunnel.indexCount == 0)
    }

    @Test("the keys of old sessions are forgotten together with the unanswered initiation")
    func zeroKeysForgetsInitiation() {
        let pair = Pair()
        // The session is made within these milliseconds, so that its keys are forgotten 540 s later.
        pair.left.send(0, to: pair.right)
        pair.world.pass(.milliseconds(10))
        pair.world.weather.swallows = { _ in true }
        pair.world.pass(seconds: 538)
        pair.left.send(1, to: pair.right)
        pair.world.pass(seconds: 1)
        #expect(pair.left.tunnel.indexCount == 2)
        pair.world.pass(seconds: 1)
        #expect(pair.left.tunnel.indexCount == 0)
        // The packet is still staged, and the next try brings it to the peer.
        pair.world.weather = .init()
        pair.world.pass(seconds: 5)
        #expect(pair.right.contents.last == 1)
    }

    @Test("down, and a new private key, erase an unanswered initiation")
    func downErases() {
        for end in [{ $0.tunnel.stop() }, { $0.setPrivateKey(.set(.generate())) }] as [(Host) -> Void] {
            let pair = Pair()
            let held = pair.holdBackResponse()
            #expect(pair.left.tunnel.indexCount == 1)
            end(pair.left)
            #expect(pair.left.tunnel.indexCount == 0)
            pair.left.receive(held.bytes, from: held.source)
            #expect(pair.left.tunnel.indexCount == 0)
        }
    }
}

extension Pair {
    /// The left host initiates. Returns the response, which is not delivered.
    fileprivate func holdBackResponse() -> FakeWorld.Datagram {
        world.weather.swallows = { $0.type == 2 }
        left.send(0, to: right)
        world.pass(.milliseconds(2))
        world.weather = .init()
        let held = world.wire.last { $0.type == 2 }!
        world.forgetWire()
        return held
    }
}
