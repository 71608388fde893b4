internal import Synchronization
package import WireGuardKeys
internal import WireGuardModel

/// A peer of the tunnel as workers, handshakes and configuration share it.
///
/// Two locks: handshakes compute for long under theirs, which the data path never takes. Where both are held,
/// `handshake` was taken first.
package final class TunnelPeer: Sendable {
    package let publicKey: PublicKey
    /// Its place in the routing table.
    let slot: UInt32
    let handshake = Mutex(PeerHandshake())
    let traffic: Mutex<PeerTraffic>
    let indices: IndexTable
    private let events: EventSink
    /// Counted after sending, without the lock of `traffic`.
    private let sentBytes = Atomic<UInt64>(0)

    init(publicKey: PublicKey, slot: UInt32, in surroundings: PeerSurroundings) {
        self.publicKey = publicKey
        self.slot = slot
        indices = surroundings.indices
        events = surroundings.events
        traffic = Mutex(PeerTraffic(stagingRoom: surroundings.stagingRoom))
    }

    deinit { _ = takeStaged() }

    @inline(__always)
    func note(_ event: @autoclosure () -> PeerEvent) { events(.peer(publicKey, event())) }

    // MARK: The data path

    /// What a batch consists of.
    package struct Batch: Sendable {
        package var packets = 0
        /// Without the keepalives, which have no content.
        package var withContent = 0
        /// Of whole messages, as they are on the wire.
        package var bytes: UInt64 = 0

        @inlinable
        package init() {}

        @inlinable
        package mutating func count(content: Int, message: Int) {
            packets += 1
            if content > 0 { withContent += 1 }
            bytes += UInt64(message)
        }
    }

    /// What becomes of packets for the peer.
    package enum Permission: Sendable {
        /// They go out under consecutive counters.
        case send(Keypair, firstCounter: UInt64, Path)
        /// There is no session yet: they are to be staged.
        case stage
        /// Nobody knows where the peer is.
        case noEndpoint
    }

    /// Asks once for a whole batch. The caller then reports the outcome by `sent` or `notSent`.
    ///
    /// `alarm` is set when the peer has to be served earlier than was known.
    package func beginSending(_ batch: Batch, _ now: Instant, alarm: inout Instant?) -> Permission {
        let permission = traffic.withLock { traffic in
            let permission = traffic.beginSending(batch, now)
            if let earlier = traffic.takeAlarm(now) { alarm = earlier }
            return permission
        }
        switch permission {
        case .send: if batch.withContent == 0 { note(.keepaliveSent) }
        case .noEndpoint: note(.noEndpoint)
        case .stage: break
        }
        return permission
    }

    /// Bytes of messages that the kernel accepted for sending, handshakes included.
    package var bytesSent: UInt64 { sentBytes.load(ordering: .relaxed) }

    /// Counts bytes of messages that the kernel accepted.
    package func sent(_ bytes: UInt64) { sentBytes.wrappingAdd(bytes, ordering: .relaxed) }

    /// Reports that the kernel accepted nothing of a batch that `beginSending` allowed at `moment`. A peer that got no
    /// data owes no answer.
    package func notSent(_ moment: Instant) { traffic.withLock { $0.timers.dataNotSent(moment, jitter: $0.jitter) } }

    /// Keeps a packet until there is a session.
    package func stage(_ packet: UnsafeRawBufferPointer, _ now: Instant, alarm: inout Instant?) {
        traffic.withLock { traffic in
            guard !traffic.isRemoved else { return }
            traffic.staged.append(packet)
            // The interface may have come up since `beginSending`.
            traffic.initiateForStaged(now)
            if let earlier = traffic.takeAlarm(now) { alarm = earlier }
        }
    }

    /// The packets that waited, to be sent now that there is a session.
    package func takeStaged() -> [[UInt8]] { traffic.withLock { $0.staged.takeAll() } }

    /// Reports a batch of one session: authentic and without replays. Its source becomes the peer's endpoint. False if
    /// the peer was closed meanwhile: the batch then counts as lost on the way.
    @discardableResult
    package func received(
        _ batch: Batch, under keypair: Keypair, by path: Path, _ now: Instant, alarm: inout Instant?
    ) -> Bool {
        var gone: [Keypair] = []
        var hasRoamed = false
        let isOpen = traffic.withLock { traffic in
            guard !traffic.isClosed else { return false }
            hasRoamed = traffic.path?.remote != path.remote
            traffic.received(batch, under: keypair, by: path, now, gone: &gone)
            if let earlier = traffic.takeAlarm(now) { alarm = earlier }
            return true
        }
        indices.remove(gone)
        if isOpen, hasRoamed { note(.roamed(to: path.remote)) }
        if isOpen, batch.packets > batch.withContent { note(.keepaliveReceived) }
        return isOpen
    }
}

/// State shared by all peers of a tunnel.
struct PeerSurroundings: Sendable {
    let indices = IndexTable()
    let stagingRoom = StagingRoom()
    let events: EventSink
}

/// What the data path changes of a peer, guarded by its lock.
struct PeerTraffic {
    var slots = KeypairSlots()
    var timers = PeerTimers()
    var staged: StagedPackets
    var path: Path?
    /// A path that packets came by, while packets to the peer leave by another interface: its local address is not used
    /// as their source.
    var refusedPath: Path?
    /// Seconds; 0 for off.
    var persistentKeepalive: UInt16 = 0
    var latestHandshake = HandshakeTime(seconds: 0, nanoseconds: 0)
    var bytesReceived: UInt64 = 0
    /// Initiations sent since a session was wanted.
    var handshakeAttempts = 0
    /// Keeps peers from doing things at the same time; drawn anew for each handshake.
    var jitter = Instant.Interval(nanoseconds: 0)
    /// The peer was removed, or the interface is down: nothing is sent, nothing is due.
    var isClosed = false
    /// Set when the peer is removed; never cleared.
    var isRemoved = false
    /// When the peer is going to be served, as whoever does it was told last.
    private var alarm = Instant.never

    init(stagingRoom: StagingRoom) { staged = StagedPackets(in: stagingRoom) }

    mutating func beginSending(_ batch: TunnelPeer.Batch, _ now: Instant) -> TunnelPeer.Permission {
        // The first packets may be here before word that the interface is up.
        if isClosed, !isRemoved { return .stage }
        guard let path, !isRemoved else { return .noEndpoint }
        guard let keypair = slots.current, !keypair.isExpired(at: now), let counter = keypair.reserve(batch.packets)
        else {
            timers.handshakeWanted(now)
            return .stage
        }
        if keypair.needsRenewal(at: now, counter: counter + UInt64(batch.packets)) { timers.handshakeWanted(now) }
        timers.authenticatedPacketSent()
        timers.authenticatedPacketPassed(now, persistentKeepalive: persistentKeepalive)
        if batch.withContent > 0 { timers.dataSent(now, jitter: jitter) }
        return .send(keypair, firstCounter: counter, path)
    }

    mutating func received(
        _ batch: TunnelPeer.Batch, under keypair: Keypair, by path: Path, _ now: Instant, gone: inout [Keypair]
    ) {
        if slots.confirm(keypair, gone: &gone) { handshakeCompleted(keypair, now) }
        learn(path)
        bytesReceived += batch.bytes
        timers.authenticatedPacketReceived()
        timers.authenticatedPacketPassed(now, persistentKeepalive: persistentKeepalive)
        if batch.withContent > 0 { timers.dataReceived(now) }
        // A session that ends soon is renewed by its initiator also when it only receives (the paper's section 6.2).
        if keypair === slots.current, keypair.isInitiator, now.since(keypair.createdAt) >= Limits.renewReceivingAfter {
            timers.handshakeWanted(now)
        }
    }

    mutating func handshakeCompleted(_ keypair: Keypair, _ now: Instant) {
        timers.handshakeCompleted(now)
        handshakeAttempts = 0
        latestHandshake = keypair.createdOnWallClock
    }

    /// Whether packets that waited can go.
    func canSendStaged(_ now: Instant) -> Bool {
        guard !staged.isEmpty, let current = slots.current else { return false }
        return !current.isExpired(at: now)
    }

    /// Begins a handshake if staged packets need one.
    mutating func initiateForStaged(_ now: Instant) {
        if !isClosed, !staged.isEmpty, !canSendStaged(now) { timers.handshakeWanted(now) }
    }

    /// When the peer has to be served; nil if whoever does it knows already.
    mutating func takeAlarm(_ now: Instant) -> Instant? {
        let due = canSendStaged(now) ? now : timers.table.earliest
        guard due < alarm, !isClosed else { return nil }
        alarm = due
        return due
    }

    /// Whether an alarm is the one that counts; it has then rung.
    mutating func alarmRings(_ moment: Instant?) -> Bool {
        guard moment == nil || moment == alarm else { return false }
        alarm = .never
        return true
    }

    /// Ends sessions, timers and staged packets when the interface goes down or the peer is removed, as in the kernel.
    /// Returns the sessions, whose indices the caller removes.
    mutating func close() -> [Keypair] {
        isClosed = true
        alarm = .never
        _ = staged.takeAll()
        timers.cancelAll()
        handshakeAttempts = 0
        return slots.removeAll()
    }
}
