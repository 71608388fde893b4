import Glibc
import Synchronization
import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

/// Handshakes while another thread changes the configuration. The thread sanitizer's build runs them, too.
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
            // Neither a session of the old key is left, nor its static-static secret.
            #expect(tunnel.indexCount == 0, "round \(round)")
            var later = initiator.turned(to: new.publicKey)
            let reaction = tunnel.receive(
                later.initiation(timestamp: 2).span, by: LoneInitiator.path, isUnderLoad: false, at: moment(1))
            #expect(reaction.reply != nil, "round \(round)")
        }
    }

    /// A change of the peer during its handshakes.
    enum Disturbance: CaseIterable {
        case downAndUp, removal
    }

    @Test(
        "no index outlives its peer or its interface, whatever happens to them during a handshake",
        arguments: Disturbance.allCases)
    func noIndexOutlivesItsPeer(_ disturbance: Disturbance) {
        let tunnel = Tunnel()
        let key = PrivateKey.generate()
        var initiator = LoneInitiator(to: key.publicKey)
        let publicKey = initiator.publicKey
        tunnel.set(key, peers: [publicKey], start)
        _ = tunnel.start(start)
        let messages = Rounds.usual(1000).map { initiator.initiation(timestamp: Int64($0)) }
        let clock = SteppingClock()
        let running = Countdown(3)
        let responding = Worker {
            for message in messages {
                _ = tunnel.receive(message.span, by: LoneInitiator.path, isUnderLoad: false, at: clock.next())
            }
            running.end()
        }
        // A thread that waits for the peer's lock while another removes the peer gets it next.
        let initiating = (0..<2).map { _ in
            Worker {
                for _ in messages { initiate(tunnel, clock.next()) }
                running.end()
            }
        }
        var dice = SeededRandom(19)
        while !running.isOver {
            // Gives the other threads time to be in the middle of a handshake.
            usleep(UInt32(dice.below(300)))
            switch disturbance {
            case .downAndUp:
                tunnel.stop()
                _ = tunnel.start(start)
            case .removal:
                tunnel.removePeer(publicKey, start)
                tunnel.set(nil, peers: [publicKey], start)
            }
        }
        for work in [responding] + initiating { work.join() }
        tunnel.stop()
        #expect(tunnel.indexCount == 0)
    }

    /// Stages a packet for the peer, and serves the peer.
    private func initiate(_ tunnel: Tunnel, _ now: Moment) {
        guard let peer = tunnel.peer(owning: IPAddress(v4: 0x0a00_0001)) else { return }
        var alarm: Instant?
        var batch = TunnelPeer.Batch()
        batch.count(content: 16, message: MessageSize.data(content: 16))
        _ = peer.beginSending(batch, now.instant, alarm: &alarm)
        _ = tunnel.serve(peer, alarm: nil, at: now)
    }
}

private let start = Instant(nanoseconds: 1_000_000_000_000)

private func moment(_ seconds: UInt64) -> Moment {
    Moment(start + .seconds(seconds), wall: HandshakeTime(seconds: Int64(seconds), nanoseconds: 0))
}

/// Releases two threads at the same moment.
private final class Gate: Sendable {
    private let arrived = Atomic(0)

    func pass() {
        arrived.wrappingAdd(1, ordering: .acquiringAndReleasing)
        while arrived.load(ordering: .acquiring) < 2 {}
    }
}

/// Counts the workers that have not ended yet.
private final class Countdown: Sendable {
    private let count: Atomic<Int>

    init(_ count: Int) { self.count = Atomic(count) }

    func end() { count.wrappingSubtract(1, ordering: .acquiringAndReleasing) }

    var isOver: Bool { count.load(ordering: .acquiring) == 0 }
}

/// Each reading is 6 s after the last one, late enough for another initiation.
private final class SteppingClock: Sendable {
    private let readings = Atomic<UInt64>(0)

    func next() -> Moment { moment(readings.wrappingAdd(1, ordering: .relaxed).newValue * 6) }
}
