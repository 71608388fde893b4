internal import ByteText
internal import CLinux
internal import LinuxNetlink
package import LinuxSystem
internal import WireGuardKeys
package import WireGuardModel

/// Puts a device together from the messages of a WG_CMD_GET_DEVICE dump.
///
/// The kernel fills message after message: a peer whose allowed-ips did not fit is continued at the
/// beginning of the next one, under its public key and with the rest of its allowed-ips only.
package struct DeviceDump {
    package private(set) var device: Device

    package init(of name: InterfaceName) { device = Device(name: name) }

    package mutating func take(_ message: Span<UInt8>) throws(Errno) {
        try NetlinkAttributes.forEach(in: message) { type, content throws(Errno) in
            switch wgdevice_attribute(type) {
            case WGDEVICE_A_IFNAME: device.name = InterfaceName(content.text)
            case WGDEVICE_A_PRIVATE_KEY: device.privateKey = try secret(content)
            case WGDEVICE_A_PUBLIC_KEY: device.publicKey = try publicKey(content)
            case WGDEVICE_A_LISTEN_PORT: device.listenPort = try content.number()
            case WGDEVICE_A_FWMARK: device.fwmark = try content.number()
            case WGDEVICE_A_PEERS:
                try NetlinkAttributes.forEach(in: content) { _, peer throws(Errno) in try takePeer(peer) }
            default: break
            }
        }
    }

    /// Keeps the last of equal peers: one that was removed and added again during a dump is in it twice.
    package mutating func keepEachPeerOnce() {
        var places: [PublicKey: Int] = [:]
        var peers: [Peer] = []
        for peer in device.peers {
            if let place = places[peer.publicKey] {
                peers[place] = peer
            } else {
                places[peer.publicKey] = peers.count
                peers.append(peer)
            }
        }
        device.peers = peers
    }

    private mutating func takePeer(_ attributes: Span<UInt8>) throws(Errno) {
        let peer = try PeerAttributes(attributes).peer
        if let last = device.peers.indices.last, device.peers[last].publicKey == peer.publicKey {
            device.peers[last].allowedIPs.append(contentsOf: peer.allowedIPs)
        } else {
            device.peers.append(peer)
        }
    }
}

private struct PeerAttributes {
    var peer = Peer(publicKey: PublicKey(bytes: KeyBytes(repeating: 0)))

    init(_ attributes: Span<UInt8>) throws(Errno) {
        var hasKey = false
        try NetlinkAttributes.forEach(in: attributes) { type, content throws(Errno) in
            switch wgpeer_attribute(type) {
            case WGPEER_A_PUBLIC_KEY:
                peer.publicKey = try publicKey(content)
                hasKey = true
            case WGPEER_A_PRESHARED_KEY: peer.presharedKey = try secret(content)
            case WGPEER_A_ENDPOINT: peer.endpoint = SocketAddress(raw: content).map(Endpoint.init)
            case WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL: peer.persistentKeepalive = try content.number()
            case WGPEER_A_LAST_HANDSHAKE_TIME: peer.latestHandshake = try handshakeTime(content)
            case WGPEER_A_RX_BYTES: peer.received = try content.number()
            case WGPEER_A_TX_BYTES: peer.sent = try content.number()
            case WGPEER_A_ALLOWEDIPS:
                try NetlinkAttributes.forEach(in: content) { _, entry throws(Errno) in
                    peer.allowedIPs.append(try allowedIP(entry))
                }
            default: break
            }
        }
        guard hasKey else { throw .protocolError }
    }
}

private func handshakeTime(_ content: Span<UInt8>) throws(Errno) -> HandshakeTime {
    guard content.count == MemoryLayout<clinux_timespec>.size else { throw .protocolError }
    return HandshakeTime(
        seconds: try content.extracting(..<8).number(), nanoseconds: try content.extracting(8...).number())
}

private func allowedIP(_ entry: Span<UInt8>) throws(Errno) -> AllowedIP {
    var address: IPAddress?
    var prefixLength: UInt8?
    try NetlinkAttributes.forEach(in: entry) { type, content throws(Errno) in
        switch wgallowedip_attribute(type) {
        // The address's own length tells its family.
        case WGALLOWEDIP_A_IPADDR: address = IPAddress(bytes: content)
        case WGALLOWEDIP_A_CIDR_MASK: prefixLength = try content.number()
        default: break
        }
    }
    guard let address, let prefixLength, let allowedIP = AllowedIP(address, prefixLength: prefixLength) else {
        throw .protocolError
    }
    return allowedIP
}

private func publicKey(_ content: Span<UInt8>) throws(Errno) -> PublicKey {
    guard let key = PublicKey(raw: content) else { throw .protocolError }
    return key
}

/// Nil for a key of zeros, by which the kernel says that there is none.
private func secret<Key: SecretKey>(_ content: Span<UInt8>) throws(Errno) -> Key? {
    guard let key = Key(raw: content) else { throw .protocolError }
    return key.isZero ? nil : key
}
