package import ByteText
internal import WireGuardKeys
package import WireGuardModel

/// Requests of the userspace API, https://www.wireguard.com/xplatform/, as text in parts: a caller
/// writes them out peer by peer and so never holds the whole of a large one.
package enum UAPIRequest {
    package static func appendGet(to text: inout ByteBuffer) { text.append("get=1\n\n") }

    package static func appendEnd(to text: inout ByteBuffer) { text.append("\n") }

    package static func appendBeginning(of update: DeviceUpdate, to text: inout ByteBuffer) {
        text.append("set=1\n")
        if let privateKey = update.privateKey { append("private_key", privateKey, to: &text) }
        if let port = update.listenPort { append("listen_port", decimal: UInt32(port), to: &text) }
        if let mark = update.fwmark { append("fwmark", decimal: mark, to: &text) }
        if update.replacePeers { text.append("replace_peers=true\n") }
    }

    package static func append(_ peer: PeerUpdate, to text: inout ByteBuffer) {
        text.append("public_key=")
        peer.publicKey.appendHex(to: &text)
        text.append("\n")
        if peer.remove { return text.append("remove=true\n") }
        if peer.updateOnly { text.append("update_only=true\n") }
        if let presharedKey = peer.presharedKey { append("preshared_key", presharedKey, to: &text) }
        if let endpoint = peer.endpoint {
            text.append("endpoint=")
            endpoint.append(to: &text)
            text.append("\n")
        }
        if let seconds = peer.persistentKeepalive {
            append("persistent_keepalive_interval", decimal: UInt32(seconds), to: &text)
        }
        if peer.replaceAllowedIPs { text.append("replace_allowed_ips=true\n") }
        for change in peer.allowedIPs { append(change, to: &text) }
    }

    private static func append(_ change: AllowedIPChange, to text: inout ByteBuffer) {
        text.append(change.removes ? "allowed_ip=-" : "allowed_ip=")
        change.allowedIP.append(to: &text)
        text.append("\n")
    }

    private static func append(_ key: StaticString, decimal value: UInt32, to text: inout ByteBuffer) {
        text.append(key)
        text.append("=")
        text.append(decimal: value)
        text.append("\n")
    }

    /// A key of zeros is the protocol's word for none.
    private static func append<Key>(_ key: StaticString, _ change: KeyChange<Key>, to text: inout ByteBuffer) {
        text.append(key)
        text.append("=")
        switch change {
        case .set(let key): key.appendHex(to: &text)
        case .clear: text.append("0000000000000000000000000000000000000000000000000000000000000000")
        }
        text.append("\n")
    }
}
