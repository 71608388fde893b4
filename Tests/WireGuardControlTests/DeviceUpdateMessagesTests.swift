import ByteText
import LinuxNetlink
import LinuxSystem
import NetlinkTestSupport
import TestSupport
import Testing
import WireGuardControl
import WireGuardKeys
import WireGuardModel

@Suite struct DeviceUpdateMessagesTests {
    private func key(_ number: Int) -> PublicKey {
        PublicKey(bytes: KeyBytes { UInt8(truncatingIfNeeded: number >> (8 * ($0 % 4))) })
    }

    private func allowedIP(_ number: Int, removes: Bool = false) -> AllowedIPChange {
        AllowedIPChange(AllowedIP(IPAddress(v4: UInt32(number)), prefixLength: 32)!, removes: removes)
    }

    /// The attributes of each message, behind netlink's 16 bytes: no family header is written here.
    private func messages(_ update: DeviceUpdate, capacity: Int = 1 << 15) throws -> [[UInt8]] {
        var messages = DeviceUpdateMessages(update)
        var written: [[UInt8]] = []
        while !messages.isDone {
            var message = NetlinkMessage(type: 0x20, flags: 5, capacity: capacity)
            try messages.write(to: &message)
            #expect(message.bytes.count <= capacity)
            written.append(Array(message.bytes.dropFirst(16)))
        }
        return written
    }

    @Test func wholeUpdateByteForByte() throws {
        var peer = PeerUpdate(publicKey: PublicKey(bytes: KeyBytes(repeating: 0xc1)))
        peer.presharedKey = .clear
        peer.endpoint = Endpoint(address: IPAddress(v6: 0xfe80 << 48, 1), port: 53, scope: 3)
        peer.persistentKeepalive = 25
        peer.replaceAllowedIPs = true
        peer.updateOnly = true
        peer.allowedIPs = [allowedIP(0x0a01_0203), allowedIP(0x0a01_0204, removes: true)]
        var update = DeviceUpdate(name: InterfaceName("wg0"))
        let secret = [UInt8](repeating: 0xa1, count: 32)
        update.privateKey = .set(PrivateKey(raw: secret.span)!)
        update.listenPort = 51820
        update.fwmark = 0
        update.replacePeers = true
        update.peers = [peer]
        let zeros = [UInt8](repeating: 0, count: 32)
        #expect(
            try messages(update) == [
                [0x08, 0x00, 0x02, 0x00, 0x77, 0x67, 0x30, 0x00]  // WGDEVICE_A_IFNAME "wg0"
                    + [0x24, 0x00, 0x03, 0x00] + secret  // WGDEVICE_A_PRIVATE_KEY
                    + [0x06, 0x00, 0x06, 0x00, 0x6c, 0xca, 0, 0]  // WGDEVICE_A_LISTEN_PORT
                    + [0x08, 0x00, 0x07, 0x00, 0, 0, 0, 0]  // WGDEVICE_A_FWMARK
                    + [0x08, 0x00, 0x05, 0x00, 1, 0, 0, 0]  // WGDEVICE_A_FLAGS: WGDEVICE_F_REPLACE_PEERS
                    + [0xc4, 0x00, 0x08, 0x80]  // WGDEVICE_A_PEERS
                    + [0xc0, 0x00, 0x00, 0x80]  // the first of them
                    + [0x24, 0x00, 0x01, 0x00] + [UInt8](repeating: 0xc1, count: 32)  // WGPEER_A_PUBLIC_KEY
                    + [0x08, 0x00, 0x03, 0x00, 6, 0, 0, 0]  // WGPEER_A_FLAGS: replace allowed-ips, update only
                    + [0x24, 0x00, 0x02, 0x00] + zeros  // WGPEER_A_PRESHARED_KEY
                    + [0x20, 0x00, 0x04, 0x00]  // WGPEER_A_ENDPOINT: struct sockaddr_in6
                    + [10, 0, 0, 53, 0, 0, 0, 0, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 0, 0, 0]
                    + [0x06, 0x00, 0x05, 0x00, 25, 0, 0, 0]  // WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL
                    + [0x44, 0x00, 0x09, 0x80]  // WGPEER_A_ALLOWEDIPS
                    + [0x1c, 0x00, 0x00, 0x80]  // an entry
                    + [0x06, 0x00, 0x01, 0x00, 2, 0, 0, 0]  // WGALLOWEDIP_A_FAMILY: AF_INET
                    + [0x08, 0x00, 0x02, 0x00, 10, 1, 2, 3]  // WGALLOWEDIP_A_IPADDR
                    + [0x05, 0x00, 0x03, 0x00, 32, 0, 0, 0]  // WGALLOWEDIP_A_CIDR_MASK
                    + [0x24, 0x00, 0x00, 0x80]  // an entry to take away
                    + [0x06, 0x00, 0x01, 0x00, 2, 0, 0, 0]
                    + [0x08, 0x00, 0x02, 0x00, 10, 1, 2, 4]
                    + [0x05, 0x00, 0x03, 0x00, 32, 0, 0, 0]
                    + [0x08, 0x00, 0x04, 0x00, 1, 0, 0, 0]  // WGALLOWEDIP_A_FLAGS: WGALLOWEDIP_F_REMOVE_ME
            ])
    }

    @Test func updateOfNothingIsOneMessage() throws {
        #expect(try messages(DeviceUpdate(name: InterfaceName("wg0"))) == [[8, 0, 2, 0, 0x77, 0x67, 0x30, 0]])
    }

    @Test func removedPeerCarriesNothingElse() throws {
        var peer = PeerUpdate(publicKey: key(7))
        peer.remove = true
        peer.persistentKeepalive = 3
        peer.replaceAllowedIPs = true
        peer.allowedIPs = [allowedIP(1)]
        var update = DeviceUpdate(name: InterfaceName("wg0"))
        update.peers = [peer]
        let part = try #require(Parts(try messages(update)[0]).peers.first)
        #expect(part.flags == 1)
        #expect(part.types == [1, 3])
    }

    /// Updates of all shapes through messages of all sizes: put together again they say the same.
    @Test(arguments: [256, 300, 512, 1000, 4096, 1 << 15])
    func splitUpdateSaysTheSame(capacity: Int) throws {
        var random = SeededRandom(UInt64(capacity))
        for round in 0..<40 {
            var update = DeviceUpdate(name: InterfaceName("wg0"))
            update.replacePeers = round % 2 == 0
            update.listenPort = 7
            update.peers = (0..<Int.random(in: 0...30, using: &random)).map { index in
                var peer = PeerUpdate(publicKey: key(index))
                peer.replaceAllowedIPs = Bool.random(using: &random)
                peer.persistentKeepalive = 5
                let count = [0, 1, 2, 3, 10, 200].randomElement(using: &random)!
                peer.allowedIPs = ShortList((0..<count).map { allowedIP($0, removes: Bool.random(using: &random)) })
                return peer
            }
            try expectSame(update, messages(update, capacity: capacity).map(Parts.init))
        }
    }

    private func expectSame(_ update: DeviceUpdate, _ parts: [Parts]) {
        #expect(parts.allSatisfy { $0.name == Array("wg0\0".utf8) })
        #expect(parts.enumerated().allSatisfy { ($0 == 0) == $1.types.contains(6) })
        #expect(parts.enumerated().allSatisfy { $1.types.contains(5) == ($0 == 0 && update.replacePeers) })
        var merged: [(key: [UInt8], flags: UInt64, allowedIPs: [[UInt8]])] = []
        for (index, part) in parts.enumerated() {
            for (place, peer) in part.peers.enumerated() {
                let continues = index > 0 && place == 0 && merged.last?.key == peer.key
                if continues {
                    // WGPEER_F_UPDATE_ONLY alone, and nothing but more allowed-ips.
                    #expect(peer.flags == 4)
                    #expect(peer.types == [1, 3, 9])
                    merged[merged.count - 1].allowedIPs += peer.allowedIPs
                } else {
                    #expect(peer.types.contains(5))
                    merged.append((peer.key, peer.flags, peer.allowedIPs))
                }
            }
        }
        #expect(merged.map(\.key) == update.peers.map { $0.publicKey.bytes.span.withUnsafeBufferPointer(Array.init) })
        #expect(merged.map(\.flags) == update.peers.map { $0.replaceAllowedIPs ? 2 : 0 })
        for (peer, expected) in zip(merged, update.peers) {
            #expect(
                peer.allowedIPs
                    == expected.allowedIPs.map { change in
                        Bytes.u32(UInt32(change.allowedIP.address.low).bigEndian) + [change.removes ? 1 : 0]
                    })
        }
    }

    @Test func manyPeersAndManyAllowedIPsSplit() throws {
        var update = DeviceUpdate(name: InterfaceName("wg0"))
        var peer = PeerUpdate(publicKey: key(1))
        peer.allowedIPs = ShortList((0..<200_000).map { allowedIP($0) })
        update.peers = [peer] + (2..<100_000).map { PeerUpdate(publicKey: key($0)) }
        let parts = try messages(update).map(Parts.init)
        #expect(parts.reduce(0) { $0 + $1.peers.reduce(0) { $0 + $1.allowedIPs.count } } == 200_000)
        #expect(Set(parts.flatMap { $0.peers.map(\.key) }).count == 99_999)
    }

    @Test func messageTooSmallForAnythingIsAnError() {
        var update = DeviceUpdate(name: InterfaceName("wg0"))
        update.peers = [PeerUpdate(publicKey: key(1))]
        #expect(throws: Errno.messageTooLong) { try messages(update, capacity: 64) }
    }
}

/// A message taken apart plainly.
private struct Parts {
    struct Peer {
        let types: [UInt16]
        let key: [UInt8]
        let flags: UInt64
        /// Address in network order, and the entry's flags.
        let allowedIPs: [[UInt8]]
    }

    let types: [UInt16]
    let name: [UInt8]
    let peers: [Peer]

    init(_ message: [UInt8]) {
        let attributes = Bytes.attributes(message[...])
        types = attributes.map(\.type)
        name = Array(attributes.first { $0.type == 2 }?.content ?? [])
        peers = Bytes.attributes(attributes.first { $0.type == 8 }?.content ?? []).map { Parts.peer($0.content) }
    }

    private static func peer(_ content: ArraySlice<UInt8>) -> Peer {
        let fields = Bytes.attributes(content)
        func field(_ type: UInt16) -> ArraySlice<UInt8> { fields.first { $0.type == type }?.content ?? [] }
        return Peer(
            types: fields.map(\.type), key: Array(field(1)), flags: Bytes.number(field(3)),
            allowedIPs: Bytes.attributes(field(9)).map { entry in
                let parts = Bytes.attributes(entry.content)
                let flags = parts.first { $0.type == 4 }.map { Bytes.number($0.content) } ?? 0
                return Array(parts.first { $0.type == 2 }!.content) + [UInt8(flags)]
            })
    }
}
