internal import WireGuardKeys
internal import WireGuardProtocol

/// An inner packet in memory of a batch. In front of it is room for a data header, behind it for padding and tag.
struct UnsafePacket: BitwiseCopyable {
    let start: UnsafeMutableRawPointer
    let count: Int

    /// Bytes in front of a packet: type, receiver index, counter.
    static let headroom = DataHeader.size
    /// Bytes behind it at most: padding to 16, and the tag.
    static let tailroom = 15 + MessageSize.tag
}

/// The last stages of the way out, for packets that lie ready in memory: ask the peer, write header and padding,
/// seal, hand over to the socket.
struct PacketSender: ~Copyable {
    private let shared: EngineState
    private var cipher: PacketCipher
    private var datagrams: SendBatch
    private let jobs: UnsafeMutableBufferPointer<UnsafeCipherJob>
    /// Stands in for the interface's MTU where that cannot be known.
    private var largestSeen = 0

    /// `capacity`: how many packets a batch may have.
    init(_ shared: EngineState, capacity: Int) {
        self.shared = shared
        datagrams = SendBatch(capacity: capacity, usesSegmentation: shared.settings.usesOffloads)
        cipher = PacketCipher(shared.settings.cipher)
        jobs = .allocate(capacity: capacity)
    }

    deinit { jobs.deallocate() }

    /// What became of packets for a peer.
    enum Outcome {
        case sealed, staged, unreachable
    }

    /// Seals packets for one peer in place, and adds them to what `flush` sends.
    mutating func send(_ packets: UnsafeBufferPointer<UnsafePacket>, to peer: TunnelPeer, _ now: Instant) -> Outcome {
        let mtu = paddingLimit(packets)
        var batch = TunnelPeer.Batch()
        for packet in packets {
            batch.count(content: packet.count, message: MessageSize.data(content: padded(packet.count, mtu)))
        }
        var alarm: Instant?
        defer { if let alarm { shared.alarms.raise(PeerAlarm(alarm, for: peer)) } }
        switch peer.beginSending(batch, now, alarm: &alarm) {
        case .send(let keypair, let firstCounter, let path):
            seal(packets, under: keypair, from: firstCounter, mtu)
            datagrams.turn(to: path)
            for packet in packets {
                datagrams.append(
                    packet.start - UnsafePacket.headroom, count: MessageSize.data(content: padded(packet.count, mtu)))
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

    private mutating func seal(
        _ packets: UnsafeBufferPointer<UnsafePacket>, under keypair: Keypair, from firstCounter: UInt64, _ mtu: Int
    ) {
        for (index, packet) in packets.enumerated() {
            let counter = firstCounter + UInt64(index)
            DataHeader(receiverIndex: keypair.remoteIndex, counter: counter)
                .write(to: packet.start - UnsafePacket.headroom)
            let count = padded(packet.count, mtu)
            (packet.start + packet.count).initializeMemory(as: UInt8.self, repeating: 0, count: count - packet.count)
            let bytes = packet.start.assumingMemoryBound(to: UInt8.self)
            jobs[index] = UnsafeCipherJob(source: bytes, destination: bytes, count: count, counter: counter)
        }
        let sealed = UnsafeMutableBufferPointer(rebasing: jobs[..<packets.count])
        keypair.sendKey.withBytes { cipher.seal(sealed, key: $0) }
    }

    /// Padding hides lengths, but a packet must not become longer than what the interface lets through (the
    /// paper's section 5.4.6).
    @inline(__always)
    private func padded(_ count: Int, _ mtu: Int) -> Int { min((count + 15) & ~15, max(count, mtu)) }

    private mutating func paddingLimit(_ packets: UnsafeBufferPointer<UnsafePacket>) -> Int {
        let mtu = shared.mtu
        if mtu > 0 { return mtu }
        for packet in packets { largestSeen = max(largestSeen, packet.count) }
        return largestSeen
    }
}
