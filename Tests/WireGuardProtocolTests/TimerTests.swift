import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

/// Timers and staged packets that survive a change, as in the kernel: `Tests/Guest/timers.sh` checks the same there.
@Suite("Timers and staged packets")
struct TimerTests {
    // MARK: Without an endpoint or a private key

    @Test(
        "a persistent keepalive that came due before the endpoint was known reaches the peer once it is set",
        arguments: [2, 25] as [UInt16], [5, 300] as [UInt64])
    func keepaliveBeforeEndpoint(interval: UInt16, wait: UInt64) {
        let pair = Pair(rightKnowsEndpoint: false)
        pair.right.set(pair.left.publicKey) { $0.persistentKeepalive = interval }
        pair.world.pass(seconds: wait)
        #expect(pair.world.wire.isEmpty)
        pair.right.set(pair.left.publicKey) { $0.endpoint = pair.left.endpoint }
        // The kernel takes up to 5 s, until it tries again.
        pair.world.pass(.milliseconds(10))
        #expect(pair.world.wire.map(\.type) == [1, 2, 4])
        pair.world.forgetWire()
        pair.world.pass(seconds: 100)
        #expect(pair.keepalives.count >= 100 / Int(interval) - 1)
    }

    @Test("a persistent keepalive goes on once an endpoint is learned from the peer's own handshake")
    func keepaliveBeforeRoaming() {
        let pair = Pair(rightKnowsEndpoint: false)
        pair.right.set(pair.left.publicKey) { $0.persistentKeepalive = 10 }
        pair.world.pass(seconds: 60)
        pair.connect()
        pair.world.pass(seconds: 61)
        #expect((6...7).contains(pair.keepalives.filter { $0.source == pair.right.endpoint }.count))
    }

    @Test("a persistent keepalive that came due without a private key reaches the peer once there is one")
    func keepaliveBeforePrivateKey() {
        let pair = Pair()
        pair.left.setPrivateKey(.clear)
        pair.left.set(pair.right.publicKey) { $0.persistentKeepalive = 25 }
        pair.left.send(1, to: pair.right)
        pair.world.pass(seconds: 60)
        #expect(pair.world.wire.isEmpty)
        pair.left.setPrivateKey(.set(pair.left.privateKey))
        pair.world.pass(.milliseconds(10))
        #expect(pair.right.contents == [1])
    }

    // MARK: A new private key

    @Test("a new private key leaves persistent keepalives running, and they bring the handshake with the new key")
    func keyChangeKeepsKeepalives() {
        let pair = Pair()
        pair.left.set(pair.right.publicKey) { $0.persistentKeepalive = 5 }
        pair.world.pass(seconds: 12)
        let new = pair.changeLeftKey()
        pair.world.pass(seconds: 6)
        #expect(pair.right.latestHandshake(with: new.publicKey) != 0)
    }

    @Test("a new private key drops no staged packet: they go out under the new key when the peer answers")
    func keyChangeKeepsStagedPackets() {
        let pair = Pair()
        pair.world.weather.swallows = { _ in true }
        for number in 1...3 { pair.left.send(UInt32(number), to: pair.right) }
        pair.world.pass(seconds: 2)
        _ = pair.changeLeftKey()
        pair.world.weather = .init()
        pair.world.pass(seconds: 6)
        #expect(pair.right.contents == [1, 2, 3])
    }

    @Test("a new private key leaves the answer to data received under the old one running: 10 s later a handshake")
    func keyChangeKeepsPassiveKeepalive() {
        let pair = Pair()
        pair.connect()
        pair.right.send(1, to: pair.left)
        pair.world.pass(seconds: 1)
        let new = pair.changeLeftKey()
        pair.world.pass(seconds: 8)
        #expect(pair.right.latestHandshake(with: new.publicKey) == 0)
        pair.world.pass(seconds: 2)
        #expect(pair.right.latestHandshake(with: new.publicKey) != 0)
    }

    @Test("after a new private key nothing is sent under the old session, and what the peer sends under it is taken")
    func keyChangeStopsSending() {
        let pair = Pair()
        pair.connect()
        pair.left.setPrivateKey(.set(.generate()))
        pair.world.forgetWire()
        pair.left.send(1, to: pair.right)
        pair.right.send(2, to: pair.left)
        pair.world.pass(seconds: 1)
        #expect(pair.world.wire.filter { $0.source == pair.left.endpoint }.allSatisfy { $0.type == 1 })
        #expect(pair.left.contents == [2])
        pair.world.pass(seconds: 180)
        pair.left.forgetReceived()
        pair.right.send(3, to: pair.left)
        pair.world.pass(seconds: 1)
        #expect(pair.left.contents == [])
    }

    // MARK: Down and up

    @Test("the first handshake after down and up goes out at once, however short ago the last one was")
    func downAndUpAtOnce() {
        let pair = Pair()
        pair.left.send(1, to: pair.right)
        pair.world.pass(seconds: 1)
        pair.left.tunnel.stop()
        pair.world.pass(.milliseconds(100))
        pair.left.goUp()
        pair.left.send(2, to: pair.right)
        pair.world.pass(.milliseconds(3))
        #expect(pair.right.contents == [1, 2])
    }

    @Test("down drops staged packets, as in the kernel, and keeps counters and the time of the last handshake")
    func downDropsStagedPackets() {
        let pair = Pair()
        pair.connect()
        let before = pair.left.report(on: pair.right)
        pair.world.weather.swallows = { _ in true }
        pair.world.pass(seconds: 200)
        for number in 1...3 { pair.left.send(UInt32(number), to: pair.right) }
        pair.left.tunnel.stop()
        pair.left.goUp()
        pair.world.weather = .init()
        pair.left.send(4, to: pair.right)
        pair.world.pass(seconds: 6)
        #expect(pair.right.contents == [4])
        #expect(before.latestHandshake.seconds > 0 && before.received > 0)
        pair.left.tunnel.stop()
        let after = pair.left.report(on: pair.right)
        #expect(after.latestHandshake.seconds >= before.latestHandshake.seconds)
        #expect(after.received > before.received && after.sent > before.sent)
    }
}

extension Pair {
    /// Changes the left host's private key, and its public key at the right host.
    func changeLeftKey() -> PrivateKey {
        let new = PrivateKey.generate()
        right.set(new.publicKey) {
            $0.allowedIPs = [AllowedIPChange(AllowedIP(left.innerAddress, prefixLength: 32)!)]
        }
        left.setPrivateKey(.set(new))
        return new
    }
}

extension Host {
    func setPrivateKey(_ key: KeyChange<PrivateKey>) {
        var update = DeviceUpdate(name: InterfaceName("wg"))
        update.privateKey = key
        apply(update)
    }

    /// Seconds since 1970; 0 if there was none.
    func latestHandshake(with key: PublicKey) -> Int64 {
        tunnel.device(name: InterfaceName("wg")).peers.first { $0.publicKey == key }?.latestHandshake.seconds ?? 0
    }
}
