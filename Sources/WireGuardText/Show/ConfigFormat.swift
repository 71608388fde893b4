package import ByteText
internal import WireGuardKeys
package import WireGuardModel

/// A device as the configuration file that would make it again.
package struct ConfigFormat: DeviceFormat {
    package init() {}

    package func append(interface device: Device, to text: inout ByteBuffer) {
        text.append("[Interface]\n")
        if device.listenPort != 0 { text.append(line: "ListenPort") { $0.append(decimal: device.listenPort) } }
        if device.fwmark != 0 { text.append(line: "FwMark") { $0.append(fwmark: device.fwmark) } }
        if let key = device.privateKey { text.append(line: "PrivateKey") { key.appendBase64(to: &$0) } }
        text.append("\n")
    }

    package func append(_ peer: Peer, of device: Device, to text: inout ByteBuffer) {
        text.append("[Peer]\n")
        text.append(line: "PublicKey") { peer.publicKey.appendBase64(to: &$0) }
        if let key = peer.presharedKey { text.append(line: "PresharedKey") { key.appendBase64(to: &$0) } }
        if !peer.allowedIPs.isEmpty {
            text.append(line: "AllowedIPs") { $0.append(peer.allowedIPs, separator: ", ") { $0.append(to: &$1) } }
        }
        if let endpoint = peer.endpoint { text.append(line: "Endpoint") { endpoint.append(to: &$0) } }
        if peer.persistentKeepalive != 0 {
            text.append(line: "PersistentKeepalive") { $0.append(decimal: peer.persistentKeepalive) }
        }
    }

    package func appendSeparator(to text: inout ByteBuffer) { text.append("\n") }
}

extension ByteBuffer {
    fileprivate mutating func append(line key: StaticString, _ appendValue: (inout ByteBuffer) -> Void) {
        append(key)
        append(" = ")
        appendValue(&self)
        append("\n")
    }
}
