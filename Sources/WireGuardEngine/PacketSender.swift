internal import WireGuardProtocol

/// The last stages of the way out, for packets that lie ready in memory: ask the peer, write header and padding,
/// seal, hand over to the socket.
struct PacketSender: ~Copyable {
    private let shared: EngineState
    private var cipher: PacketCipher
    private var datagrams: SendBatch
    private let jobs: UnsafeMutableBufferPointer<UnsafeCipherJob>
    /// For the outer header of each packet, read before the packet is sealed.
    private let trafficClasses: UnsafeMutablePointer<UInt8>
    /// Stands in for the interface's MTU where that cannot be known.
    private var largestSeen = 0

    /// `capacity`: how many packets a batch may have.
    init(_ shared: EngineState, capacity: Int) {
        self.shared = shared
        datagrams = SendBatch(capacity: capacity, usesSegmentation: shared.settings.usesOffloads)
        cipher = PacketCipher(shared.settings.cipher)
        jobs = .allocate(capacity: capacity)
        trafficClasses = .allocate(capacity: capacity)
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
        for path in report.staleSources { shared.tunnel.forgetSource(of: path) }
        if let failure = report.segmentationFailure {
            shared.settings.log(.error, "UDP segmentation offload is switched off: \(failure)")
        }
    }

    /// A keepalive has no header.
    private func readTrafficClasses(_ packets: UnsafeBufferPointer<UnsafePacket>) {
        for (index, packet) in packets.enumerated() {
            trafficClasses[index] =
                packet.count > 0 ? CongestionNotification.outerTrafficClass(for: packet.start) : 0
        }
    }

    private mutating func paddingLimit(_ packets: UnsafeBufferPointer<UnsafePacket>) -> Int {
        let mtu = shared.mtu
        if mtu > 0 { return mtu }
        for packet in packets { largestSeen = max(largestSeen, packet.count) }
        return largestSeen
    }
}
