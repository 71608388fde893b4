import ByteText
import TestSupport
import Testing
import WireGuardKeys
import WireGuardModel
import WireGuardProtocol

@Suite("A tunnel's configuration")
struct TunnelConfigurationTests {
    private let world = FakeWorld(seed: 3)

    @Test("a prefix that moves leaves its old peer at once, and packets follow with the next one")
    func movedPrefix() {
        let (hub, anna, bert) = star()
        let service = IPAddress(v4: 0x0a09_0009)
        let prefix = AllowedIP(service, prefixLength: 32)!
        for (owner, other) in [(anna, bert), (bert, anna), (anna, bert)] {
            hub.set(owner.publicKey) { $0.allowedIPs = [AllowedIPChange(prefix)] }
            #expect(hub.report(on: owner).allowedIPs.contains(prefix))
            #expect(!hub.report(on: other).allowedIPs.contains(prefix))
            owner.forgetReceived()
            other.forgetReceived()
            hub.send(77, to: service)
            world.pass(seconds: 1)
            #expect(owner.contents == [77])
            #expect(other.contents == [])
        }
    }

    @Test("the source of a packet must be its peer's by the longest prefix of all, not by one of its own")
    func sourceCheck() {
        let (hub, anna, bert) = star()
        hub.set(anna.publicKey) {
            $0.allowedIPs = [AllowedIPChange(AllowedIP(IPAddress(v4: 0x0a00_0000), prefixLength: 8)!)]
        }
        hub.forgetReceived()
        // Bert's address lies in Anna's prefix, but is his.
        anna.send(1, to: hub.innerAddress, from: bert.innerAddress)
        anna.send(2, to: hub.innerAddress, from: IPAddress(v4: 0x0a01_0203))
        bert.send(3, to: hub.innerAddress)
        bert.send(4, to: hub.innerAddress, from: IPAddress(v4: 0x0a01_0203))
        bert.send(5, to: hub.innerAddress, from: IPAddress(v4: 0x0b01_0203))
        world.pass(seconds: 1)
        #expect(hub.contents.sorted() == [2, 3])
    }

    @Test("a peer's list is in the order of adding, and stays small while prefixes come and go")
    func allowedIPLists() {
        let (hub, anna, bert) = star()
        let prefixes = (1...5).map { AllowedIP(IPAddress(v4: 0x0a0a_0000 + UInt32($0) << 8), prefixLength: 24)! }
        hub.set(anna.publicKey) { peer in
            peer.replaceAllowedIPs = true
            peer.allowedIPs = ShortList(prefixes.reversed().map { AllowedIPChange($0) })
        }
        #expect(Array(hub.report(on: anna).allowedIPs) == prefixes.reversed())
        for _ in 0..<200 {
            for owner in [bert, anna] { hub.set(owner.publicKey) { $0.allowedIPs = [AllowedIPChange(prefixes[2])] } }
            hub.set(anna.publicKey) { $0.allowedIPs = [AllowedIPChange(prefixes[3], removes: true)] }
            hub.set(anna.publicKey) { $0.allowedIPs = [AllowedIPChange(prefixes[3])] }
            // Not his to take away.
            hub.set(bert.publicKey) { $0.allowedIPs = [AllowedIPChange(prefixes[0], removes: true)] }
        }
        #expect(Array(hub.report(on: anna).allowedIPs) == [4, 1, 0, 2, 3].map { prefixes[$0] })
        #expect(!hub.report(on: bert).allowedIPs.contains(prefixes[2]))
    }

    @Test("random histories of allowed-ips agree with a list that remembers everything")
    func naiveTwin() {
        for seed in Rounds.usual(20) {
            var dice = SeededRandom(UInt64(seed))
            let tunnel = Tunnel(entropy: world.entropy())
            let keys = (0..<4).map { _ in PrivateKey.generate().publicKey }
            var twin: [(owner: Int, prefix: AllowedIP)] = []
            for _ in 0..<150 {
                var update = DeviceUpdate(name: InterfaceName("wg"))
                let owner = dice.below(keys.count)
                var peer = PeerUpdate(publicKey: keys[owner])
                let prefix = AllowedIP(IPAddress(v4: 0x0a00_0000 + UInt32(dice.below(8)) << 8), prefixLength: 24)!
                switch dice.below(8) {
                case 0:
                    peer.replaceAllowedIPs = true
                    twin.removeAll { $0.owner == owner }
                case 1:
                    peer.remove = true
                    twin.removeAll { $0.owner == owner }
                case 2:
                    peer.allowedIPs = [AllowedIPChange(prefix, removes: true)]
                    twin.removeAll { $0.owner == owner && $0.prefix == prefix }
                default:
                    peer.allowedIPs = [AllowedIPChange(prefix)]
                    if !twin.contains(where: { $0.owner == owner && $0.prefix == prefix }) {
                        twin.removeAll { $0.prefix == prefix }
                        twin.append((owner, prefix))
                    }
                }
                update.peers = [peer]
                _ = tunnel.apply(update, world.now)
                let peers = tunnel.device(name: InterfaceName("wg")).peers
                for (index, key) in keys.enumerated() {
                    let listed = peers.first { $0.publicKey == key }.map { Array($0.allowedIPs) } ?? []
                    #expect(listed == twin.filter { $0.owner == index }.map(\.prefix), "seed \(seed)")
                }
            }
        }
    }

    @Test("peers are told in the order of their adding, and one that is named again stays where it was")
    func peerOrder() {
        let tunnel = Tunnel(entropy: world.entropy())
        let keys = (0..<6).map { _ in PrivateKey.generate().publicKey }
        for index in [0, 1, 2, 3, 1, 0] { change(tunnel, keys[index]) { _ in } }
        change(tunnel, keys[2]) { $0.remove = true }
        change(tunnel, keys[4]) { _ in }
        change(tunnel, keys[5]) { $0.updateOnly = true }
        change(tunnel, keys[2]) { _ in }
        #expect(tunnel.device(name: InterfaceName("wg")).peers.map(\.publicKey) == [0, 1, 3, 4, 2].map { keys[$0] })
    }

    @Test("nobody is a peer of their own, whichever was first")
    func ownKey() {
        let tunnel = Tunnel(entropy: world.entropy())
        let (own, other) = (PrivateKey.generate(), PrivateKey.generate())
        change(tunnel, own.publicKey) { _ in }
        change(tunnel, other.publicKey) { _ in }
        var update = DeviceUpdate(name: InterfaceName("wg"))
        update.privateKey = .set(own)
        _ = tunnel.apply(update, world.now)
        #expect(tunnel.device(name: InterfaceName("wg")).peers.map(\.publicKey) == [other.publicKey])
        change(tunnel, own.publicKey) { _ in }
        #expect(tunnel.device(name: InterfaceName("wg")).peers.map(\.publicKey) == [other.publicKey])
    }

    @Test("a private key is shown as X25519 uses it")
    func clampedKey() {
        let tunnel = Tunnel(entropy: world.entropy())
        let raw = [UInt8](repeating: 0xff, count: 32)
        var update = DeviceUpdate(name: InterfaceName("wg"))
        update.privateKey = .set(PrivateKey(raw: raw.span)!)
        _ = tunnel.apply(update, world.now)
        var text = ByteBuffer()
        tunnel.device(name: InterfaceName("wg")).privateKey!.appendHex(to: &text)
        #expect(Array(copying: text.span) == Array(("f8" + String(repeating: "ff", count: 30) + "7f").utf8))
    }

    @Test("another private key ends sending under all sessions, and the same one under none")
    func privateKeyChange() {
        let pair = Pair()
        pair.connect()
        var update = DeviceUpdate(name: InterfaceName("wg"))
        update.privateKey = .set(pair.left.privateKey)
        pair.left.apply(update)
        #expect(pair.left.tunnel.sessionCount == 1)
        update.privateKey = .set(.generate())
        pair.left.apply(update)
        pair.world.forgetWire()
        pair.left.send(1, to: pair.right)
        pair.world.pass(seconds: 20)
        // The right one does not know the new key.
        #expect(pair.right.contents == [])
        #expect(pair.world.wire.allSatisfy { $0.source != pair.left.endpoint || $0.type == 1 })
        update.privateKey = .set(pair.left.privateKey)
        pair.left.apply(update)
        pair.left.send(2, to: pair.right)
        pair.world.pass(seconds: 20)
        #expect(pair.right.contents.contains(2))
        update.privateKey = .clear
        pair.left.apply(update)
        #expect(pair.left.tunnel.device(name: InterfaceName("wg")).privateKey == nil)
        // Messages of the peer's session are accepted until it expires.
        pair.world.pass(seconds: 180)
        pair.right.send(3, to: pair.left)
        pair.world.pass(seconds: 20)
        #expect(pair.left.contents == [])
    }

    @Test("a removed peer is silent at once, and a new one with its key knows nothing of it")
    func removedPeer() {
        let pair = Pair()
        pair.connect()
        pair.left.set(pair.right.publicKey) { $0.remove = true }
        #expect(pair.left.tunnel.sessionCount == 0)
        #expect(pair.left.send(1, to: pair.right) == false)
        pair.right.send(2, to: pair.left)
        pair.world.pass(seconds: 1)
        #expect(pair.left.contents == [])
        pair.left.add(pair.right)
        let fresh = pair.left.report(on: pair.right)
        #expect(fresh.latestHandshake.seconds == 0 && fresh.sent == 0)
    }

    @Test("while the interface is down nothing is sent, and up again it begins anew")
    func downAndUp() {
        let pair = Pair()
        pair.connect()
        pair.left.set(pair.right.publicKey) { $0.persistentKeepalive = 5 }
        pair.left.tunnel.stop()
        pair.world.pass(.milliseconds(10))
        pair.world.forgetWire()
        pair.world.pass(seconds: 60)
        #expect(pair.world.wire.filter { $0.source == pair.left.endpoint }.isEmpty)
        #expect(pair.left.tunnel.sessionCount == 0)
        pair.left.goUp()
        pair.world.pass(seconds: 1)
        #expect(pair.initiations.count == 1)
        #expect(pair.left.tunnel.sessionCount == 1)
    }

    @Test("packets that are here before word that the interface is up wait for it; those of removed peers do not")
    func earlyPackets() {
        let pair = Pair()
        pair.left.tunnel.stop()
        for number in 1...3 { #expect(pair.left.send(UInt32(number), to: pair.right)) }
        pair.world.pass(seconds: 10)
        #expect(pair.world.wire.isEmpty)
        pair.left.goUp()
        pair.world.pass(seconds: 1)
        #expect(pair.right.contents == [1, 2, 3])

        let old = pair.left.tunnel.routingTable
        let peer = old.peer(at: old.slot(for: pair.right.innerAddress)!)!
        pair.left.set(pair.right.publicKey) { $0.remove = true }
        var alarm: Instant?
        guard case .noEndpoint = peer.beginSending(TunnelPeer.Batch(), pair.world.now, alarm: &alarm) else {
            Issue.record("a removed peer takes packets")
            return
        }
    }

    @Test("a thousand peers, replaced as a whole by half of them")
    func replacePeers() {
        let tunnel = Tunnel(entropy: world.entropy())
        let keys = (0..<1000).map { _ in PrivateKey.generate().publicKey }
        for (count, step) in [(1000, 1), (500, 2)] {
            var update = DeviceUpdate(name: InterfaceName("wg"))
            update.replacePeers = true
            for index in stride(from: 0, to: 1000, by: step) {
                var peer = PeerUpdate(publicKey: keys[index])
                peer.allowedIPs = [AllowedIPChange(AllowedIP(IPAddress(v4: UInt32(index) << 8), prefixLength: 24)!)]
                update.peers.append(peer)
            }
            _ = tunnel.apply(update, world.now)
            #expect(tunnel.device(name: InterfaceName("wg")).peers.count == count)
            let owners = (0..<1000).filter { tunnel.routingTable.slot(for: IPAddress(v4: UInt32($0) << 8 + 7)) != nil }
            #expect(owners.count == count)
        }
    }

    // MARK: -

    /// A hub with two peers, in touch with both.
    private func star() -> (hub: Host, anna: Host, bert: Host) {
        let (hub, anna, bert) = (Host(1, in: world), Host(2, in: world), Host(3, in: world))
        for spoke in [anna, bert] {
            hub.add(spoke)
            spoke.add(hub)
            spoke.send(0, to: hub)
        }
        world.pass(seconds: 1)
        return (hub, anna, bert)
    }

    private func change(_ tunnel: Tunnel, _ key: PublicKey, _ body: (inout PeerUpdate) -> Void) {
        var peer = PeerUpdate(publicKey: key)
        body(&peer)
        var update = DeviceUpdate(name: InterfaceName("wg"))
        update.peers = [peer]
        _ = tunnel.apply(update, world.now)
    }
}
