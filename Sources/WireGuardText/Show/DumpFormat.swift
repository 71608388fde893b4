package import ByteText
internal import WireGuardKeys
package import WireGuardModel

/// Everything of a device in lines of tab-separated columns, for scripts: the interface, then each peer.
package struct DumpFormat: DeviceFormat {
    /// Whether lines begin with the interface's name, as in `wg show all dump`.
    private let namesInterface: Bool

    package init(namesInterface: Bool) { self.namesInterface = namesInterface }

    package func append(interface device: Device, to text: inout ByteBuffer) {
        appendName(of: device, to: &text)
        text.append(device.privateKey) { $0.appendBase64(to: &$1) }
        text.append(ASCII.tab)
        text.append(device.publicKey) { $0.appendBase64(to: &$1) }
        text.append(ASCII.tab)
        text.append(decimal: device.listenPort)
        text.append(ASCII.tab)
        text.append(fwmarkOrOff: device.fwmark)
        text.append(ASCII.newline)
    }

    package func append(_ peer: Peer, of device: Device, to text: inout ByteBuffer) {
        appendName(of: device, to: &text)
        peer.publicKey.appendBase64(to: &text)
        text.append(ASCII.tab)
        text.append(peer.presharedKey) { $0.appendBase64(to: &$1) }
        text.append(ASCII.tab)
        text.append(peer.endpoint) { $0.append(to: &$1) }
        text.append(ASCII.tab)
        text.append(peer.allowedIPs, separator: ",") { $0.append(to: &$1) }
        text.append(ASCII.tab)
        text.append(decimal: peer.latestHandshake.seconds)
        text.append(ASCII.tab)
        text.append(transferOf: peer)
        text.append(ASCII.tab)
        text.append(keepaliveOrOff: peer.persistentKeepalive)
        text.append(ASCII.newline)
    }

    private func appendName(of device: Device, to text: inout ByteBuffer) {
        guard namesInterface else { return }
        text.append(device.name.text.span)
        text.append(ASCII.tab)
    }
}
