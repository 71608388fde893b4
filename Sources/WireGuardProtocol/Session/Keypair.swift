internal import Synchronization
package import WireGuardKeys
package import WireGuardModel

/// The keys of one session, made by one handshake (the paper's section 5.4.5), and how far they are used up.
///
/// Workers share it: the keys never change, counters are atomic, the replay window has a lock of its own.
package final class Keypair: Sendable {
    package let sendKey: SecretBytes
    package let receiveKey: SecretBytes
    /// By which packets to us name this session.
    package let localIndex: UInt32
    /// By which packets to the peer name it.
    package let remoteIndex: UInt32
    /// Only who began a session renews it in time, lest both do at once (section 6.2).
    package let isInitiator: Bool
    package let createdAt: Instant
    package let createdOnWallClock: HandshakeTime
    private let nextCounter: Atomic<UInt64>
    private let window = Mutex(ReplayWindow())

    /// `nextCounter` is for tests, which cannot send 2^60 messages.
    package init(
        keys: SessionKeys, localIndex: UInt32, remoteIndex: UInt32, isInitiator: Bool, createdAt: Instant,
        onWallClock: HandshakeTime, nextCounter: UInt64 = 0
    ) {
        (sendKey, receiveKey) = (keys.send, keys.receive)
        (self.localIndex, self.remoteIndex) = (localIndex, remoteIndex)
        self.isInitiator = isInitiator
        (self.createdAt, createdOnWallClock) = (createdAt, onWallClock)
        self.nextCounter = Atomic(nextCounter)
    }

    /// Whether the session is too old to be used in any way.
    package func isExpired(at now: Instant) -> Bool { now.since(createdAt) >= Limits.rejectAfterTime }

    /// The first of `count` counters in a row that nobody else gets; nil when they are used up.
    package func reserve(_ count: Int) -> UInt64? {
        let first = nextCounter.wrappingAdd(UInt64(count), ordering: .relaxed).oldValue
        if first < Limits.rejectAfterMessages - UInt64(count) { return first }
        // Stays at the end instead of going round.
        nextCounter.store(Limits.rejectAfterMessages, ordering: .relaxed)
        return nil
    }

    /// Whether a new session should be on its way when `counter` is used now.
    package func needsRenewal(at now: Instant, counter: UInt64) -> Bool {
        counter >= Limits.rekeyAfterMessages || (isInitiator && now.since(createdAt) >= Limits.rekeyAfterTime)
    }

    /// Lets `body` accept the counters of authenticated packets.
    package func checkReplays<Result>(_ body: (inout ReplayWindow) -> Result) -> Result {
        window.withLock { window in body(&window) }
    }
}
