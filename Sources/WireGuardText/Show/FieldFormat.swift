package import ByteText
internal import WireGuardKeys
package import WireGuardModel

/// One field of every device or peer, for scripts: `wg show wg0 endpoints`.
package enum ShowField: String, CaseIterable, Sendable {
    case publicKey = "public-key"
    case privateKey = "private-key"
    case listenPort = "listen-port"
    case fwmark
    case peers
    case presharedKeys = "preshared-keys"
    case endpoints
    case allowedIPs = "allowed-ips"
    case latestHandshakes = "latest-handshakes"
    case transfer
    case persistentKeepalive = "persistent-keepalive"
}

/// Lines of a single field: the interface's own, or one for each peer with its public key in front.
package struct FieldFormat: DeviceFormat {
    private let field: ShowField
    /// Whether lines begin with the interface's name, as in `wg show all`.
    private let namesInterface: Bool

    package init(_ field: ShowField, namesInterface: Bool) {
        (self.field, self.namesInterface) = (field, namesInterface)
    }

    package func append(interface device: Device, to text: inout ByteBuffer) {
        guard field.isOfInterface else { return }
        appendName(of: device, to: &text)
        switch field {
        case .publicKey: text.append(device.publicKey) { $0.appendBase64(to: &$1) }
        case .privateKey: text.append(device.privateKey) { $0.appendBase64(to: &$1) }
        case .listenPort: text.append(decimal: device.listenPort)
        case .fwmark: text.append(fwmarkOrOff: device.fwmark)
        default: break
        }
        text.append(ASCII.newline)
    }

    package func append(_ peer: Peer, of device: Device, to text: inout ByteBuffer) {
        guard !field.isOfInterface else { return }
        appendName(of: device, to: &text)
        peer.publicKey.appendBase64(to: &text)
        if field != .peers { text.append(ASCII.tab) }
        switch field {
        case .presharedKeys: text.append(peer.presharedKey) { $0.appendBase64(to: &$1) }
        case .endpoints: text.append(peer.endpoint) { $0.append(to: &$1) }
        case .allowedIPs: text.append(peer.allowedIPs, separator: " ") { $0.append(to: &$1) }
        case .latestHandshakes: text.append(decimal: peer.latestHandshake.seconds)
        case .transfer: text.append(transferOf: peer)
        case .persistentKeepalive: text.append(keepaliveOrOff: peer.persistentKeepalive)
        default: break
        }
        text.append(ASCII.newline)
    }

    private func appendName(of device: Device, to text: inout ByteBuffer) {
        guard namesInterface else { return }
        text.append(device.name.text.span)
        text.append(ASCII.tab)
    }
}

extension ShowField {
    fileprivate var isOfInterface: Bool {
        switch self {
        case .publicKey, .privateKey, .listenPort, .fwmark: true
        default: false
        }
    }
}

extension ByteBuffer {
    mutating func append(transferOf peer: Peer) {
        append(decimal: peer.received)
        append(ASCII.tab)
        append(decimal: peer.sent)
    }
}
