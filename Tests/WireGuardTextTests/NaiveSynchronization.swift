import TestSupport
import WireGuardKeys
import WireGuardModel

/// `wg syncconf` once more, with dictionaries and lines of text: what the reference was seen to send.
struct NaiveSynchronization {
    struct DevicePeer {
        let key: [UInt8]
        let presharedKey: UInt8?
        let keepalive: UInt16
    }

    struct FilePeer {
        let key: [UInt8]
        let presharedKey: UInt8?
        let keepalive: UInt16?
        let endpointPort: UInt16?
    }

    var privateKey: UInt8?
    var listenPort: UInt16?
    var fwmark: UInt32?
    var devicePeers: [DevicePeer] = []
    var filePeers: [FilePeer] = []

    /// Few keys, so that there are duplicates on both sides; some alike in their first 8 or 31 bytes.
    init(_ random: inout SeededRandom) {
        if random.once(in: 2) { privateKey = random.byte() }
        if random.once(in: 2) { listenPort = UInt16(random.below(3)) }
        if random.once(in: 2) { fwmark = UInt32(random.below(3)) }
        let most = random.below(8)
        for _ in 0..<random.below(most + 1) {
            let presharedKey = random.once(in: 2) ? random.byte() | 1 : nil
            devicePeers.append(
                .init(key: Self.key(&random), presharedKey: presharedKey, keepalive: UInt16(random.below(3))))
        }
        for _ in 0..<random.below(most + 1) {
            filePeers.append(
                .init(
                    key: Self.key(&random), presharedKey: random.once(in: 2) ? UInt8(random.below(3)) : nil,
                    keepalive: random.once(in: 2) ? UInt16(random.below(3)) : nil,
                    endpointPort: random.once(in: 2) ? UInt16(random.below(3)) : nil))
        }
    }

    private static func key(_ random: inout SeededRandom) -> [UInt8] {
        let (first, middle, last) = (UInt8(random.below(2)) * 0x80, UInt8(random.below(2)), UInt8(random.below(2)))
        return [first] + [UInt8](repeating: 0, count: 15) + [middle] + [UInt8](repeating: 7, count: 14) + [last]
    }

    var lines: [String] {
        let isWhole = devicePeers.isEmpty || filePeers.isEmpty
        return [
            "private_key=" + Keys.hex(privateKey ?? 0), "listen_port=\(listenPort ?? 0)", "fwmark=\(fwmark ?? 0)",
        ] + (isWhole ? ["replace_peers=true"] : removals) + filePeerLines(clearing: !isWhole)
    }

    /// What the file lacks, and all but the last of what the device has several times.
    private var removals: [String] {
        let inFile = Set(filePeers.map(\.key))
        var superfluous: [String] = []
        for (key, same) in Dictionary(grouping: devicePeers, by: \.key) {
            let count = inFile.contains(key) ? same.count - 1 : same.count
            superfluous += [String](repeating: key.hex, count: count)
        }
        return superfluous.sorted(by: >).flatMap { ["public_key=" + $0, "remove=true"] }
    }

    private func filePeerLines(clearing: Bool) -> [String] {
        var lastOnDevice = Dictionary(devicePeers.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        return filePeers.flatMap { peer in
            let known = clearing ? lastOnDevice.removeValue(forKey: peer.key) : nil
            let presharedKey = peer.presharedKey ?? (known?.presharedKey == nil ? nil : 0)
            let keepalive = peer.keepalive ?? (known.map(\.keepalive) ?? 0 == 0 ? nil : 0)
            return [
                "public_key=" + peer.key.hex, presharedKey.map { "preshared_key=" + Keys.hex($0) },
                peer.endpointPort.map { "endpoint=1.2.3.4:\($0)" },
                keepalive.map { "persistent_keepalive_interval=\($0)" }, "replace_allowed_ips=true",
            ].compactMap { $0 }
        }
    }
}

extension NaiveSynchronization {
    var device: Device {
        var device = Device(name: InterfaceName("wg0"))
        device.peers = devicePeers.map { naive in
            var peer = Peer(publicKey: PublicKey(raw: naive.key.span)!)
            peer.presharedKey = naive.presharedKey.map { Keys.secret($0) }
            peer.persistentKeepalive = naive.keepalive
            return peer
        }
        return device
    }

    var file: DeviceUpdate {
        var update = DeviceUpdate(name: InterfaceName("wg0"))
        update.privateKey = privateKey.map { .set(Keys.secret($0)) }
        (update.listenPort, update.fwmark) = (listenPort, fwmark)
        update.peers = filePeers.map { naive in
            var peer = PeerUpdate(publicKey: PublicKey(raw: naive.key.span)!)
            peer.presharedKey = naive.presharedKey.map { .set(Keys.secret($0)) }
            peer.persistentKeepalive = naive.keepalive
            peer.endpoint = naive.endpointPort.map { Endpoint(address: IPAddress(v4: 0x0102_0304), port: $0) }
            peer.replaceAllowedIPs = true
            return peer
        }
        return update
    }
}
