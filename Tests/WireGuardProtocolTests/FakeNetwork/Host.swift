import TestSupport
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

/// A machine with a tunnel, doing what the engine does, one packet at a time.
final class Host {
    let world: FakeWorld
    private(set) var tunnel: Tunnel
    let privateKey = PrivateKey.generate()
    private(set) var endpoint: Endpoint
    /// What came out of the tunnel.
    private(set) var received: [InnerMessage] = []
    var isUnderLoad = false
    /// Alarms are not heard, as while a machine is suspended.
    var isAsleep = false
    /// The number of the inner address.
    let number: UInt32
    private var cipher = PacketCipher()

    var publicKey: PublicKey { privateKey.publicKey }
    var innerAddress: IPAddress { IPAddress(v4: 0x0a00_0000 + number) }

    init(_ number: UInt32, in world: FakeWorld) {
        (self.number, self.world) = (number, world)
        endpoint = Endpoint(address: IPAddress(v4: 0xc000_0200 + number), port: 51820)
        tunnel = Tunnel(entropy: world.entropy())
        world.attach(self, at: endpoint)
        start()
    }

    /// Loses all state but the key, as a machine does that starts anew.
    func restart() {
        tunnel = Tunnel(entropy: world.entropy())
        start()
    }

    private func start() {
        var update = DeviceUpdate(name: InterfaceName("wg"))
        update.privateKey = .set(privateKey)
        apply(update)
        goUp()
    }

    func goUp() { for alarm in tunnel.start(world.now) { raise(alarm.moment, for: alarm.peer) } }

    // MARK: Configuration

    func apply(_ update: DeviceUpdate) {
        for alarm in tunnel.apply(update, world.now) { raise(alarm.moment, for: alarm.peer) }
    }

    func set(_ publicKey: PublicKey, _ change: (inout PeerUpdate) -> Void) {
        var peer = PeerUpdate(publicKey: publicKey)
        change(&peer)
        var update = DeviceUpdate(name: InterfaceName("wg"))
        update.peers = [peer]
        apply(update)
    }

    /// Makes another host a peer that owns its inner address.
    func add(_ other: Host, withEndpoint: Bool = true, presharedKey: PresharedKey? = nil) {
        set(other.publicKey) { peer in
            peer.allowedIPs = [AllowedIPChange(AllowedIP(other.innerAddress, prefixLength: 32)!)]
            if withEndpoint { peer.endpoint = other.endpoint }
            if let presharedKey { peer.presharedKey = .set(presharedKey) }
        }
    }

    /// What the interface tells of a peer.
    func report(on other: Host) -> Peer {
        tunnel.device(name: InterfaceName("wg")).peers.first { $0.publicKey == other.publicKey }!
    }

    /// Is reached elsewhere from now on.
    func move(to endpoint: Endpoint) {
        world.detach(self.endpoint)
        self.endpoint = endpoint
        world.attach(self, at: endpoint)
    }

    // MARK: Packets

    /// Sends a packet with this number in it into the tunnel. False when no peer owns the target.
    @discardableResult
    func send(_ content: UInt32, to target: IPAddress, from source: IPAddress? = nil) -> Bool {
        let message = InnerMessage(source: source ?? innerAddress, target: target, content: content)
        guard let slot = tunnel.routingTable.slot(for: target), let peer = tunnel.routingTable.peer(at: slot) else {
            return false
        }
        return send(message.bytes, to: peer)
    }

    @discardableResult
    func send(_ content: UInt32, to other: Host) -> Bool { send(content, to: other.innerAddress) }

    private func send(_ packet: [UInt8], to peer: TunnelPeer) -> Bool {
        var batch = TunnelPeer.Batch()
        batch.count(content: packet.count, message: MessageSize.data(content: packet.count))
        var alarm: Instant?
        defer { raise(alarm, for: peer) }
        switch peer.beginSending(batch, world.now, alarm: &alarm) {
        case .send(let keypair, let counter, let path):
            world.transmit(seal(packet, under: keypair, counter), from: endpoint, to: path.remote)
            return true
        case .stage:
            if !packet.isEmpty { packet.withUnsafeBytes { peer.stage($0, world.now, alarm: &alarm) } }
            return true
        case .noEndpoint: return false
        }
    }

    private func seal(_ packet: [UInt8], under keypair: Keypair, _ counter: UInt64) -> [UInt8] {
        let padded = (packet.count + 15) / 16 * 16
        var datagram = [UInt8](repeating: 0, count: 16 + padded + 16)
        datagram.replaceSubrange(16..<(16 + packet.count), with: packet)
        datagram.withUnsafeMutableBytes { bytes in
            DataHeader(receiverIndex: keypair.remoteIndex, counter: counter).write(to: bytes.baseAddress!)
            let start = bytes.baseAddress! + 16
            run(start, count: padded, counter) { jobs in
                keypair.sendKey.withBytes { cipher.seal(jobs, key: $0) }
            }
        }
        return datagram
    }

    @discardableResult
    private func run(
        _ start: UnsafeMutableRawPointer, count: Int, _ counter: UInt64,
        _ body: (UnsafeMutableBufferPointer<UnsafeCipherJob>) -> Void
    ) -> Bool {
        let bytes = start.assumingMemoryBound(to: UInt8.self)
        var job = UnsafeCipherJob(source: bytes, destination: bytes, count: count, counter: counter)
        withUnsafeMutablePointer(to: &job) { body(UnsafeMutableBufferPointer(start: $0, count: 1)) }
        return job.isAuthentic
    }

    func receive(_ datagram: [UInt8], from source: Endpoint) {
        let path = Path(to: source)
        switch MessageType(classifying: datagram.span) {
        case .data: receiveData(datagram, by: path)
        case nil: break
        default:
            let reaction = tunnel.receive(datagram.span, by: path, isUnderLoad: isUnderLoad, at: world.moment)
            if let reply = reaction.reply { transmit(reply) }
            if let peer = reaction.peer { serve(peer, alarm: nil) }
        }
    }

    private func receiveData(_ datagram: [UInt8], by path: Path) {
        var datagram = datagram
        let count = datagram.count - 32
        let header = datagram.withUnsafeBytes { DataHeader(reading: $0.baseAddress!) }
        guard let (peer, keypair) = tunnel.session(at: header.receiverIndex), !keypair.isExpired(at: world.now) else {
            return
        }
        let isAuthentic = datagram.withUnsafeMutableBytes { bytes in
            run(bytes.baseAddress! + 16, count: count, header.counter) { jobs in
                keypair.receiveKey.withBytes { cipher.open(jobs, key: $0) }
            }
        }
        guard isAuthentic, keypair.checkReplays({ $0.accept(header.counter) }) else { return }
        var batch = TunnelPeer.Batch()
        batch.count(content: count, message: datagram.count)
        var alarm: Instant?
        peer.received(batch, under: keypair, by: path, world.now, alarm: &alarm)
        raise(alarm, for: peer)
        guard count > 0, let message = InnerMessage(bytes: datagram[16..<(16 + count)]) else { return }
        if tunnel.routingTable.allows(message.source, from: peer) { received.append(message) }
    }

    // MARK: Service

    private func raise(_ alarm: Instant?, for peer: TunnelPeer) {
        guard let alarm else { return }
        let tunnel = tunnel
        world.at(alarm) { [self] in
            // A restarted machine has forgotten its alarms.
            if tunnel === self.tunnel, !isAsleep { serve(peer, alarm: alarm) }
        }
    }

    private func serve(_ peer: TunnelPeer, alarm: Instant?) {
        let duties = tunnel.serve(peer, alarm: alarm, at: world.moment)
        if let initiation = duties.initiation { transmit(initiation) }
        if duties.sendsStaged {
            for packet in peer.takeStaged() { _ = send(packet, to: peer) }
        } else if duties.sendsKeepalive {
            _ = send([], to: peer)
        }
        raise(duties.next, for: peer)
    }

    private func transmit(_ datagram: HandshakeDatagram) {
        world.transmit([UInt8](copying: datagram.span), from: endpoint, to: datagram.path.remote)
    }

    func forgetReceived() { received = [] }

    /// The numbers in what came out, in their order.
    var contents: [UInt32] { received.map(\.content) }
}

/// An IPv4 packet with a number as its content.
struct InnerMessage: Equatable {
    let source: IPAddress
    let target: IPAddress
    let content: UInt32

    init(source: IPAddress, target: IPAddress, content: UInt32) {
        (self.source, self.target, self.content) = (source, target, content)
    }

    init?(bytes: ArraySlice<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count >= 24, bytes[0] == 0x45, bytes[2] == 0, bytes[3] == 24 else { return nil }
        source = IPAddress(bytes: bytes.span.extracting(12..<16))!
        target = IPAddress(bytes: bytes.span.extracting(16..<20))!
        content = bytes[20..<24].reduce(0) { $0 << 8 | UInt32($1) }
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = [0x45, 0, 0, 24] + [UInt8](repeating: 0, count: 8)
        for number in [UInt32(source.low), UInt32(target.low), content] {
            withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
        }
        return bytes
    }
}
