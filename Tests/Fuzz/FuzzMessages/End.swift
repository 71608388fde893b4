import FuzzSupport
import TestSupport
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

/// One end of a tunnel whose network is the fuzzer. The same number means the same keys and dice.
final class End {
    let tunnel: Tunnel
    let endpoint: Endpoint
    private let privateKey: PrivateKey
    private var cipher = PacketCipher()

    init(_ number: UInt8) {
        let dice = Dice(number)
        tunnel = Tunnel(entropy: Entropy { dice.fill($0) })
        endpoint = Endpoint(address: IPAddress(v4: 0xc000_0200 + UInt32(number)), port: 51820)
        privateKey = PrivateKey(raw: [UInt8](repeating: number, count: 32).span)!.clamped
    }

    private final class Dice: @unchecked Sendable {
        private var random: SeededRandom

        init(_ seed: UInt8) { random = SeededRandom(UInt64(seed)) }

        func fill(_ bytes: UnsafeMutableRawBufferPointer) {
            for index in bytes.indices { bytes[index] = random.byte() }
        }
    }

    var publicKey: PublicKey { privateKey.publicKey }

    /// Makes the other end the peer for everything.
    func open(to other: End, at now: Moment) {
        var peer = PeerUpdate(publicKey: other.publicKey)
        peer.endpoint = other.endpoint
        peer.allowedIPs = [AllowedIPChange(AllowedIP(IPAddress(v4: 0), prefixLength: 0)!)]
        var update = DeviceUpdate(name: InterfaceName("wg"))
        update.privateKey = .set(privateKey)
        update.peers = [peer]
        _ = tunnel.apply(update, now.instant)
        _ = tunnel.start(now.instant)
    }

    /// Forgets everything, so that nothing is left of it.
    func close() {
        tunnel.stop()
        expect(tunnel.sessionCount == 0, "all sessions end")
    }

    private var peer: TunnelPeer {
        let table = tunnel.routingTable
        return table.peer(at: table.slot(for: IPAddress(v4: 1))!)!
    }

    /// All that can be seen of the tunnel.
    var state: String {
        let peer = tunnel.device(name: InterfaceName("wg")).peers[0]
        return "\(peer.endpoint!) \(peer.latestHandshake) \(peer.received) \(peer.sent) \(tunnel.sessionCount)"
    }

    // MARK: What it says

    /// Wants to send, and begins a handshake where it has to.
    func initiate(at now: Moment) -> [UInt8]? {
        _ = seal(at: now)
        return tunnel.serve(peer, alarm: nil, at: now).initiation.map { bytes($0) }
    }

    /// A data message; nil while there is no session.
    func seal(at now: Moment) -> [UInt8]? {
        let content = [UInt8](repeating: 0x45, count: 32)
        var batch = TunnelPeer.Batch()
        batch.count(content: content.count, message: MessageSize.data(content: content.count))
        var alarm: Instant?
        guard case .send(let keypair, let counter, _) = peer.beginSending(batch, now.instant, alarm: &alarm) else {
            return nil
        }
        var message = [UInt8](repeating: 0, count: 16) + content + [UInt8](repeating: 0, count: 16)
        message.withUnsafeMutableBytes { bytes in
            DataHeader(receiverIndex: keypair.remoteIndex, counter: counter).write(to: bytes.baseAddress!)
            _ = run(bytes, counter) { jobs in
                let key = keypair.sendKey
                cipher.seal(jobs, key: key.span)
            }
        }
        return message
    }

    // MARK: What it hears

    /// What it does about a handshake message.
    func receive(
        _ message: [UInt8], from source: Endpoint, isUnderLoad: Bool = false, at now: Moment
    ) -> (reply: [UInt8]?, isMoved: Bool) {
        let reaction = tunnel.receive(message.span, by: Path(to: source), isUnderLoad: isUnderLoad, at: now)
        return (reaction.reply.map { bytes($0) }, reaction.peer != nil)
    }

    /// Whether a data message is authentic and not replayed.
    func open(_ message: [UInt8], from source: Endpoint, at now: Moment) -> Bool {
        guard MessageType(classifying: message.span) == .data else { return false }
        var message = message
        let header = message.withUnsafeBytes { DataHeader(reading: $0.baseAddress!) }
        var peer: TunnelPeer?
        var alarm: Instant?
        let isNew = message.withUnsafeMutableBytes { bytes in
            run(bytes, header.counter) { jobs in
                peer = tunnel.open(
                    jobs, receiverIndex: header.receiverIndex, by: Path(to: source), with: &cipher, now.instant,
                    alarm: &alarm)
            }
        }
        return isNew && peer != nil
    }

    private func run(
        _ message: UnsafeMutableRawBufferPointer, _ counter: UInt64,
        _ body: (UnsafeMutableBufferPointer<UnsafeCipherJob>) -> Void
    ) -> Bool {
        let content = (message.baseAddress! + DataHeader.size).assumingMemoryBound(to: UInt8.self)
        var job = UnsafeCipherJob(
            source: content, destination: content, count: message.count - MessageSize.data(content: 0), counter: counter
        )
        withUnsafeMutablePointer(to: &job) { body(UnsafeMutableBufferPointer(start: $0, count: 1)) }
        return job.isAuthentic
    }
}

private func bytes(_ datagram: HandshakeDatagram) -> [UInt8] {
    let span = datagram.span
    return span.indices.map { span[$0] }
}
