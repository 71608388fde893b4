internal import WireGuardProtocol

/// The last stages of the way out, for packets that lie ready in memory: ask the peer, write header and padding,
/// seal, hand over to the socket.
struct PacketSender: ~Copyable {
    private let shared: EngineState
    private var cipher: PacketCipher
    private var datagrams: SendBatch
    private let jobs: UnsafeMutableBufferPointer<UnsafeCipherJob>
    /// The outer traffic class of each packet, taken from its header before it is sealed.
    private let trafficClasses: UnsafeMutablePointer<UInt8>
    /// The batches added since the last flush, one per peer and call of `send`.
    private var turns: [Turn] = []
    /// Stands in for the interface's MTU where that cannot be known.
    private var largestSeen = 0

    /// `capacity`: how many packets a batch may have.
    init(_ shared: EngineState, capacity: Int) {
        self.shared = shared
        datagrams = SendBatch(capacity: capacity, usesSegmentation: shared.settings.usesOffloads)
        cipher = PacketCipher(shared.settings.cipher)
        jobs = .allocate(capacity: capacity)
        trafficClasses = .allocate(capacity: capacity)
        turns.reserveCapacity(capacity)
    }

    /// A batch of packets sealed for one peer.
    private struct Turn {
        let peer: TunnelPeer
        let path: Path
        let bytes: UInt64
        /// When `TunnelPeer.beginSending` allowed them.
        let moment: Instant
    }

    deinit {
        jobs.deallocate()
        trafficClasses.deallocate()
    }

    /// What became of packets for a peer.
    enum Outcome {
        case sealed, staged, unreachable
    }

    /// Seals packets for one peer in place, and adds them to what `flush` sends.
    mutating func send(_ packets: UnsafeBufferPointer<UnsafePacket>, to peer: TunnelPeer, _ now: Instant) -> Outcome {
        let mtu = paddingLimit(packets)
        var batch = TunnelPeer.Batch()
        for packet in packets {
            batch.count(content: packet.count, message: packet.messageCount(mtu))
        }
        var alarm: Instant?
        defer { if let alarm { shared.alarms.raise(PeerAlarm(alarm, for: peer)) } }
        switch peer.beginSending(batch, now, alarm: &alarm) {
        case .send(let keypair, let firstCounter, let path):
            readTrafficClasses(packets)
            keypair.seal(packets, from: firstCounter, mtu, with: &cipher, jobs)
            shared.ownDatagrams.note(receiver: keypair.remoteIndex)
            turns.append(Turn(peer: peer, path: path, bytes: batch.bytes, moment: now))
            datagrams.turn(to: path)
            for (index, packet) in packets.enumerated() {
                datagrams.append(
                    packet.start - UnsafePacket.headroom, count: packet.messageCount(mtu),
                    trafficClass: trafficClasses[index])
            }
            return .sealed
        case .stage:
            for packet in packets where packet.count > 0 {
                peer.stage(UnsafeRawBufferPointer(start: packet.start, count: packet.count), now, alarm: &alarm)
            }
            return .staged
        case .noEndpoint: return .unreachable
        }
    }

    /// Sends what was sealed since the last time.
    mutating func flush(_ sockets: WorkerSockets) {
        guard !datagrams.isEmpty else { return }
        let report = datagrams.flush(sockets)
        for turn in turns {
            if !report.staleSources.isEmpty, report.staleSources.contains(turn.path) {
                turn.peer.forgetSource(of: turn.path)
            }
            let unsent = report.failures.isEmpty ? 0 : tellFailures(report, turn)
            if turn.bytes > unsent { turn.peer.sent(turn.bytes - unsent) }
        }
        turns.removeAll(keepingCapacity: true)
        if let failure = report.segmentationFailure {
            shared.settings.log(.error, "UDP segmentation offload is switched off: \(failure)")
        }
    }

    /// A keepalive has no inner header.
    private func readTrafficClasses(_ packets: UnsafeBufferPointer<UnsafePacket>) {
        for (index, packet) in packets.enumerated() {
            trafficClasses[index] =
                packet.count > 0 ? CongestionNotification.outerTrafficClass(for: packet.start) : 0
        }
    }

    /// Reports the failures of a turn. Returns the bytes that were not sent.
    private func tellFailures(_ report: SendReport, _ turn: Turn) -> UInt64 {
        var unsent: UInt64 = 0
        for failure in report.failures where failure.path == turn.path {
            unsent += UInt64(failure.bytes)
            shared.failures.add(
                failure.datagrams, to: turn.peer.publicKey, turn.path.remote, failure.error, turn.moment)
        }
        if unsent >= turn.bytes { turn.peer.notSent(turn.moment) }
        return unsent
    }

    private mutating func paddingLimit(_ packets: UnsafeBufferPointer<UnsafePacket>) -> Int {
        let mtu = shared.mtu
        if mtu > 0 { return mtu }
        for packet in packets { largestSeen = max(largestSeen, packet.count) }
        return largestSeen
    }
}
