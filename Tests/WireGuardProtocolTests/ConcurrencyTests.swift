import Synchronization
import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

/// Handshakes while another thread changes the configuration. The thread sanitizer's build runs these as well.
@Suite("Tunnels that several threads use")
struct ConcurrencyTests {
    @Test("a handshake during a change of the private key leaves nothing of the old key behind")
    func keyChangeDuringHandshake() {
        for round in Rounds.usual(400) {
            let tunnel = Tunnel()
            let (old, new) = (PrivateKey.generate(), PrivateKey.generate())
            var initiator = LoneInitiator(to: old.publicKey)
            tunnel.set(old, peers: [initiator.publicKey], start)
            _ = tunnel.start(start)
            let message = initiator.initiation(timestamp: 1)
            let gate = Gate()
            let handshake = Worker {
                gate.pass()
                _ = tunnel.receive(message.span, by: LoneInitiator.path, isUnderLoad: false, at: moment(0))
            }
            gate.pass()
            tunnel.set(new, start)
            handshake.join()
            // Neither a session that was made with the old key, nor its static-static secret.
            #expect(tunnel.indexCount == 0, "round \(round)")
            var later = initiator.turned(to: new.publicKey)
            let reaction = tunnel.receive(
                later.initiation(timestamp: 2).span, by: LoneInitiator.path, isUnderLoad: false, at: moment(1))
            #expect(reaction.reply != nil, "round \(round)")
        }
    }

    @Test("no index outlives its peer or its interface, whatever happens to them during a handshake")
    func noIndexOutlivesItsPeer() {
        let tunnel = Tunnel()
        let key = PrivateKey.generate()
        var initiator = LoneInitiator(to: key.publicKey)
        let publicKey = initiator.publicKey
        tunnel.set(key, peers: [publicKey], start)
        let messages = (1...300).map { initiator.initiation(timestamp: Int64($0)) }
        let isDone = Flag()
        let handshakes = Worker {
            for (number, message) in messages.enumerated() {
                // Far enough from each other for an initiation of ours each time.
                let now = moment(UInt64(number) * 6)
                let reaction = tunnel.receive(message.span, by: LoneInitiator.path, isUnderLoad: false, at: now)
                if let peer = reaction.peer { _ = tunnel.serve(peer, alarm: nil, at: now) }
                guard let peer = tunnel.firstPeer else { continue }
                var alarm: Instant?
                var batch = TunnelPeer.Batch()
                batch.count(content: 16, message: MessageSize.data(content: 16))
                _ = peer.beginSending(batch, now.instant, alarm: &alarm)
                _ = tunnel.serve(peer, alarm: nil, at: now)
            }
            isDone.set()
        }
        while !isDone.isSet {
            tunnel.stop()
            #expect(tunnel.indexCount <= 1)
            _ = tunnel.start(start)
            tunnel.removePeer(publicKey, start)
            tunnel.set(nil, peers: [publicKey], start)
        }
        handshakes.join()
        tunnel.stop()
        #expect(tunnel.indexCount == 0)
    }
}

private let start = Instant(nanoseconds: 1_000_000_000_000)

private func moment(_ seconds: UInt64) -> Moment {
    Moment(start + .seconds(seconds), wall: HandshakeTime(seconds: Int64(seconds), nanoseconds: 0))
}

/// Lets two threads go at the same moment.
private final class Gate: Sendable {
    private let arrived = Atomic(0)

    func pass() {
        arrived.wrappingAdd(1, ordering: .acquiringAndReleasing)
        while arrived.load(ordering: .acquiring) < 2 {}
    }
}

private final class Flag: Sendable {
    private let value = Atomic(false)

    func set() { value.store(true, ordering: .releasing) }

    var isSet: Bool { value.load(ordering: .acquiring) }
}
