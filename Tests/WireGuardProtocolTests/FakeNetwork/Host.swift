import Synchronization
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
    /// Whether enough handshake messages wait for the interface to be under load.
    var isUnderLoad = false
    /// Whether alarms are ignored, as while a machine is suspended.
    var isAsleep = false
    /// The events that the tunnel reports.
    let trace = EventTrace()
    /// The number of the inner address.
    let number: UInt32
    /// The plaintext of the last authentic data message, padding included.
    private(set) var latestPlaintext: [UInt8] = []
    private var cipher = PacketCipher()
    private let jobs = UnsafeMutableBufferPointer<UnsafeCipherJob>.allocate(capacity: 1)
    private let mtu = 1420

    var publicKey: PublicKey { privateKey.publicKey }
    var innerAddress: IPAddress { IPAddress(v4: 0x0a00_0000 + number) }

    init(_ number: UInt32, in world: FakeWorld) {
        (self.number, self.world) = (number, world)
        endpoint = Endpoint(address: IPAddress(v4: 0xc000_0200 + number), port: 51820)
        tunnel = Tunnel(entropy: world.entropy(), trace: trace.note)
        world.attach(self, at: endpoint)
        start()
    }

    deinit { jobs.deallocate() }

    /// Loses all state but the key, as a machine does that starts anew.
    func restart() {
        tunnel = Tunnel(entropy: world.entropy(), trace: trace.note)
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

    /// Sends by the same steps as the engine, in memory that holds other data.
    private func send(_ content: [UInt8], to peer: TunnelPeer) -> Bool {
        let room = UnsafePacket.headroom + content.count + UnsafePacket.tailroom
        var memory = [UInt8](repeating: 0xa5, count: room)
        memory.replaceSubrange(UnsafePacket.headroom..<(UnsafePacket.headroom + content.count), with: content)
        return memory.withUnsafeMutableBytes { memory in
            send(UnsafePacket(start: memory.baseAddress! + UnsafePacket.headroom, count: content.count), to: peer)
        }
    }

    private func send(_ packet: UnsafePacket, to peer: TunnelPeer) -> Bool {
        var batch = TunnelPeer.Batch()
        batch.count(content: packet.count, message: packet.messageCount(mtu))
        var alarm: Instant?
        defer { raise(alarm, for: peer) }
        switch peer.beginSending(batch, world.now, alarm: &alarm) {
        case .send(let keypair, let counter, let path):
            withUnsafePointer(to: packet) {
                keypair.seal(UnsafeBufferPointer(start: $0, count: 1), from: counter, mtu, with: &cipher, jobs)
            }
            let message = UnsafeRawBufferPointer(
                start: packet.start - UnsafePacket.headroom, count: packet.messageCount(mtu))
            world.transmit(Array(message), from: endpoint, to: path.remote)
            peer.sent(batch.bytes)
            return true
        case .stage:
            if packet.count > 0 {
                peer.stage(UnsafeRawBufferPointer(start: packet.start, count: packet.count), world.now, alarm: &alarm)
            }
            return true
        case .noEndpoint: return false
        }
    }

    func receive(_ datagram: [UInt8], from source: Endpoint) { receive(datagram, by: Path(to: source)) }

    func receive(_ datagram: [UInt8], by path: Path) {
        switch MessageType(classifying: datagram.span) {
        case .data: receiveData(datagram, by: path)
        case nil: break
        default:
            let waiting = isUnderLoad ? Limits.handshakesUnderLoad : 1
            let reaction = tunnel.receive(
                datagram.span, by: path, isUnderLoad: tunnel.isUnderLoad(waiting: waiting, world.now), at: world.moment)
            if let reply = reaction.reply { transmit(reply, of: reaction.peer) }
            if let peer = reaction.peer { serve(peer, alarm: nil) }
        }
    }

    private func receiveData(_ datagram: [UInt8], by path: Path) {
        var datagram = datagram
        datagram.withUnsafeMutableBytes { bytes in
            let header = DataHeader(reading: bytes.baseAddress!)
            let content = (bytes.baseAddress! + DataHeader.size).assumingMemoryBound(to: UInt8.self)
            let count = bytes.count - MessageSize.data(content: 0)
            jobs[0] = UnsafeCipherJob(source: content, destination: content, count: count, counter: header.counter)
            openAndDeliver(header.receiverIndex, by: path)
        }
    }

    private func openAndDeliver(_ receiverIndex: UInt32, by path: Path) {
        var alarm: Instant?
        guard
            let peer = tunnel.open(
                jobs, receiverIndex: receiverIndex, by: path, with: &cipher, world.now, alarm: &alarm)
        else { return }
        raise(alarm, for: peer)
        let plaintext = Array(UnsafeBufferPointer(start: jobs[0].destination, count: jobs[0].count))
        latestPlaintext = plaintext
        guard let packet = tunnel.routingTable.packet(in: jobs[0], from: peer),
            let message = InnerMessage(bytes: plaintext[..<packet.count])
        else { return }
        received.append(message)
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
        if let initiation = duties.initiation { transmit(initiation, of: peer) }
        if duties.sendsStaged {
            for packet in peer.takeStaged() { _ = send(packet, to: peer) }
        } else if duties.sendsKeepalive {
            _ = send([], to: peer)
        }
        raise(duties.next, for: peer)
    }

    /// `peer` is nil for a cookie reply.
    private func transmit(_ datagram: HandshakeDatagram, of peer: TunnelPeer?) {
        peer?.sent(UInt64(datagram.count))
        world.transmit([UInt8](copying: datagram.span), from: endpoint, to: datagram.path.remote)
    }

    func forgetReceived() { received = [] }

    /// The numbers in what came out, in their order.
    var contents: [UInt32] { received.map(\.content) }
}

/// The events of a tunnel, in order.
final class EventTrace: Sendable {
    private let noted = Mutex<[TunnelEvent]>([])

    @Sendable
    func note(_ event: TunnelEvent) { noted.withLock { $0.append(event) } }

    /// The events since the last call.
    func take() -> [TunnelEvent] {
        noted.withLock { noted in
            defer { noted = [] }
            return noted
        }
    }
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
