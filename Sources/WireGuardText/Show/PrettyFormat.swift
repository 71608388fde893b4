package import ByteText
internal import WireGuardKeys
package import WireGuardModel

/// A device as people read it: `wg show`.
package struct PrettyFormat: DeviceFormat {
    private let palette: Palette
    private let units: Units
    private let hidesKeys: Bool
    /// Seconds since 1970, against which the handshakes' ages are told.
    private let now: Int64

    package init(colored: Bool, hidesKeys: Bool, now: Int64) {
        palette = colored ? .colored : .plain
        units = Units(palette: palette)
        (self.hidesKeys, self.now) = (hidesKeys, now)
    }

    /// Newest handshake first; equal ones, such as none at all, stay in the device's order.
    package func order(of peers: [Peer]) -> [Int32]? {
        // Apart from the peers, which are large; the nanoseconds hardly ever matter.
        let seconds = peers.map(\.latestHandshake.seconds)
        return (0..<Int32(peers.count)).sorted { left, right in
            let (leftIndex, rightIndex) = (Int(left), Int(right))
            if seconds[leftIndex] != seconds[rightIndex] { return seconds[leftIndex] > seconds[rightIndex] }
            let (leftTime, rightTime) = (peers[leftIndex].latestHandshake, peers[rightIndex].latestHandshake)
            return leftTime == rightTime ? left < right : leftTime > rightTime
        }
    }

    package func append(interface device: Device, to text: inout ByteBuffer) {
        text.append(palette.reset)
        appendTitle("interface", palette.green, to: &text) { $0.append(device.name.text.span) }
        if let key = device.publicKey { appendLine("public key", to: &text) { key.appendBase64(to: &$0) } }
        if let key = device.privateKey { appendLine("private key", to: &text) { append(secret: key, to: &$0) } }
        if device.listenPort != 0 { appendLine("listening port", to: &text) { $0.append(decimal: device.listenPort) } }
        if device.fwmark != 0 { appendLine("fwmark", to: &text) { $0.append(fwmark: device.fwmark) } }
    }

    package func append(_ peer: Peer, of device: Device, to text: inout ByteBuffer) {
        text.append("\n")
        appendTitle("peer", palette.yellow, to: &text) { peer.publicKey.appendBase64(to: &$0) }
        if let key = peer.presharedKey { appendLine("preshared key", to: &text) { append(secret: key, to: &$0) } }
        if let endpoint = peer.endpoint { appendLine("endpoint", to: &text) { endpoint.append(to: &$0) } }
        appendLine("allowed ips", to: &text) {
            $0.append(peer.allowedIPs, separator: ", ") { append($0, to: &$1) }
        }
        if peer.latestHandshake.seconds != 0 {
            appendLine("latest handshake", to: &text) {
                units.append(moment: peer.latestHandshake.seconds, ago: now, to: &$0)
            }
        }
        if peer.received != 0 || peer.sent != 0 {
            appendLine("transfer", to: &text) { appendTransfer(of: peer, to: &$0) }
        }
        if peer.persistentKeepalive != 0 {
            appendLine("persistent keepalive", to: &text) {
                $0.append("every ")
                units.append(seconds: UInt64(peer.persistentKeepalive), to: &$0)
            }
        }
    }

    private func appendTitle(
        _ kind: StaticString, _ color: StaticString, to text: inout ByteBuffer, _ appendName: (inout ByteBuffer) -> Void
    ) {
        text.append(color)
        text.append(kind, in: palette.bold, of: palette)
        text.append(": ")
        text.append(color)
        appendName(&text)
        text.append(palette.reset)
        text.append("\n")
    }

    private func appendLine(
        _ label: StaticString, to text: inout ByteBuffer, _ appendValue: (inout ByteBuffer) -> Void
    ) {
        text.append("  ")
        text.append(label, in: palette.bold, of: palette)
        text.append(": ")
        appendValue(&text)
        text.append("\n")
    }

    private func append(secret key: some SecretKey, to text: inout ByteBuffer) {
        if hidesKeys { text.append("(hidden)") } else { key.appendBase64(to: &text) }
    }

    private func append(_ allowedIP: AllowedIP, to text: inout ByteBuffer) {
        allowedIP.address.append(to: &text)
        text.append("/", in: palette.cyan, of: palette)
        text.append(decimal: allowedIP.prefixLength)
    }

    private func appendTransfer(of peer: Peer, to text: inout ByteBuffer) {
        units.append(bytes: peer.received, to: &text)
        text.append(" received, ")
        units.append(bytes: peer.sent, to: &text)
        text.append(" sent")
    }
}
