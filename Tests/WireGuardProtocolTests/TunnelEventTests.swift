import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

/// The events that a tunnel reports: each one once, when it happens, and no other.
@Suite("Events of a tunnel")
struct TunnelEventTests {
    private let pair = Pair()

    init() {
        _ = pair.left.trace.take()
        _ = pair.right.trace.take()
    }

    @Test("a handshake: initiation, response, and the keepalive that confirms it")
    func handshake() {
        pair.left.set(pair.right.publicKey) { $0.persistentKeepalive = 25 }
        pair.world.pass(.milliseconds(100))
        #expect(left == [.persistentKeepaliveSet(25), .initiationSent, .responseReceived, .keepaliveSent])
        #expect(right == [.initiationReceived, .responseSent, .keepaliveReceived])
        pair.world.pass(seconds: 60)
        #expect(left == [.keepaliveSent, .keepaliveSent])
        #expect(right == [.keepaliveReceived, .keepaliveReceived])
    }

    @Test("data tells nothing")
    func data() {
        pair.connect()
        _ = (left, right)
        for number in 0..<100 { pair.left.send(UInt32(number), to: pair.right) }
        pair.world.pass(.milliseconds(100))
        #expect(pair.right.contents.count == 100)
        #expect(left.isEmpty && right.isEmpty)
    }

    /// The numbers are the kernel's: the first repetition is try 2, and 18 to 20 fit into 90 s.
    @Test("an unanswered handshake: each repetition with its number, and the end after 90 s")
    func unanswered() {
        pair.world.weather.swallows = { _ in true }
        pair.left.send(1, to: pair.right)
        pair.world.pass(seconds: 120)
        let events = left
        let tries = events.compactMap { if case .handshakeUnanswered(let number) = $0 { number } else { nil } }
        #expect(tries == Array(2..<(2 + tries.count)))
        #expect((16...19).contains(tries.count))
        #expect(events.filter { $0 == .initiationSent }.count == tries.count + 1)
        #expect(events.last == .handshakeGivenUp)
        // The next attempt counts from the start.
        pair.left.send(2, to: pair.right)
        pair.world.pass(seconds: 6)
        #expect(left == [.initiationSent, .handshakeUnanswered(attempt: 2), .initiationSent])
    }

    @Test("a peer that stops answering, and the end of its keys")
    func silence() {
        pair.connect()
        pair.world.weather.swallows = { _ in true }
        _ = left
        pair.left.send(1, to: pair.right)
        pair.world.pass(seconds: 16)
        #expect(left == [.silent, .initiationSent])
        pair.world.pass(seconds: 700)
        #expect(left.contains(.keysErased))
    }

    @Test("a peer that comes from elsewhere")
    func roaming() {
        pair.connect()
        _ = (left, right)
        let elsewhere = Endpoint(address: IPAddress(v4: 0x0808_0808), port: 9)
        pair.left.move(to: elsewhere)
        for number in 0..<3 { pair.left.send(UInt32(number), to: pair.right) }
        pair.world.pass(.milliseconds(10))
        #expect(right == [.roamed(to: elsewhere)])
    }

    @Test("a replayed initiation, and one that comes too early")
    func replays() {
        pair.left.send(1, to: pair.right)
        pair.world.pass(.milliseconds(10))
        let initiation = pair.world.wire.first { $0.type == 1 }!
        _ = right
        pair.right.receive(initiation.bytes, from: initiation.source)
        #expect(right == [.initiationReplayed])
        // A restarted peer initiates at once. Its wall clock has advanced by more than timestamps are rounded to.
        pair.world.pass(.milliseconds(25))
        pair.left.restart()
        pair.left.add(pair.right)
        pair.left.send(2, to: pair.right)
        pair.world.pass(.milliseconds(10))
        #expect(right == [.initiationTooEarly])
    }

    @Test("messages that are dropped, with their source and why")
    func refusals() {
        pair.left.send(1, to: pair.right)
        pair.world.pass(.milliseconds(10))
        let wire = pair.world.wire
        let source = pair.left.endpoint
        _ = pair.right.trace.take()
        _ = pair.left.trace.take()
        var forged = wire.first { $0.type == 1 }!.bytes
        forged[100] ^= 1
        pair.right.receive(forged, from: source)
        #expect(pair.right.trace.take() == [.refused(.invalidMAC1, from: source)])
        // A response that was already consumed, and a cookie reply without a request.
        let response = wire.first { $0.type == 2 }!.bytes
        pair.left.receive(response, from: pair.right.endpoint)
        #expect(pair.left.trace.take() == [.refused(.invalidResponse, from: pair.right.endpoint)])
        pair.left.receive([3] + [UInt8](repeating: 0, count: 63), from: source)
        #expect(pair.left.trace.take() == [.refused(.invalidCookieReply, from: source)])
    }

    @Test("an initiation of somebody who is no peer")
    func unknownPeer() {
        let stranger = Host(3, in: pair.world)
        stranger.add(pair.right)
        stranger.send(1, to: pair.right)
        pair.world.pass(.milliseconds(10))
        #expect(
            pair.right.trace.take() == [.refused(.unknownPeer(stranger.publicKey), from: stranger.endpoint)])
    }

    @Test("cookies under load, given and taken, and those who send too much with them")
    func cookies() {
        pair.right.isUnderLoad = true
        pair.left.send(1, to: pair.right)
        pair.world.pass(.milliseconds(10))
        #expect(pair.right.trace.take() == [.cookieReplySent(to: pair.left.endpoint)])
        #expect(left == [.initiationSent, .cookieReceived])
        pair.world.pass(seconds: 6)
        let initiation = pair.world.wire.last { $0.type == 1 }!
        _ = pair.right.trace.take()
        for _ in 0..<10 { pair.right.receive(initiation.bytes, from: initiation.source) }
        #expect(pair.right.trace.take().last == .refused(.tooMany, from: pair.left.endpoint))
    }

    @Test("a packet for a peer without endpoint")
    func noEndpoint() {
        let other = Host(3, in: pair.world)
        pair.left.add(other, withEndpoint: false)
        _ = pair.left.trace.take()
        pair.left.send(1, to: other)
        #expect(pair.left.trace.take() == [.peer(other.publicKey, .noEndpoint)])
    }

    @Test("configuration: what has changed, and nothing of what has not")
    func configuration() {
        let other = Host(3, in: pair.world)
        pair.left.add(other)
        #expect(
            pair.left.trace.take().map(Self.event) == [.added, .allowedIPsChanged, .endpointSet(other.endpoint)])
        let key = PresharedKey.generate()
        for _ in 0..<2 {
            pair.left.set(other.publicKey) { peer in
                peer.presharedKey = .set(key)
                peer.endpoint = other.endpoint
                peer.persistentKeepalive = 5
            }
        }
        #expect(
            pair.left.trace.take().map(Self.event).prefix(2) == [.presharedKeySet, .persistentKeepaliveSet(5)])
        pair.left.set(other.publicKey) { $0.presharedKey = .clear }
        #expect(pair.left.trace.take().map(Self.event).contains(.presharedKeyCleared))
        pair.left.set(other.publicKey) { $0.remove = true }
        #expect(pair.left.trace.take() == [.peer(other.publicKey, .removed)])
        var update = DeviceUpdate(name: InterfaceName("wg"))
        update.privateKey = .clear
        pair.left.apply(update)
        #expect(pair.left.trace.take() == [.privateKeyCleared])
        update.privateKey = .set(.generate())
        pair.left.apply(update)
        #expect(pair.left.trace.take() == [.privateKeySet])
        update = DeviceUpdate(name: InterfaceName("wg"))
        update.replacePeers = true
        pair.left.apply(update)
        #expect(pair.left.trace.take() == [.peer(pair.right.publicKey, .removed)])
    }

    // MARK: Since the last look

    private var left: [PeerEvent] { pair.left.trace.take().compactMap(Self.event) }

    private var right: [PeerEvent] { pair.right.trace.take().compactMap(Self.event) }

    private static func event(_ event: TunnelEvent) -> PeerEvent? {
        if case .peer(_, let event) = event { event } else { nil }
    }
}
