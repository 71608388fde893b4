package import ByteText
internal import WireGuardKeys
package import WireGuardModel

/// What a daemon answers to `get=1`, written in parts, so that a reader who takes his time with a large
/// interface costs no more than a part of the text.
package struct UAPIDeviceText {
    private let device: Device
    private var stage = Stage.interface
    private var peer = 0
    /// The next of the peer's allowed-ips; nil before the lines in front of them.
    private var prefix: Int?

    private enum Stage { case interface, peers, end, done }

    package init(of device: Device) { self.device = device }

    /// How many peers it keeps hold of until it is whole.
    package var peerCount: Int { device.peers.count }

    package var isWhole: Bool { stage == .done }

    /// Appends lines until `text` has `size` bytes or a few more, or the answer is whole.
    package mutating func append(to text: inout ByteBuffer, upTo size: Int) {
        while stage != .done, text.count < size { appendNext(to: &text, upTo: size) }
    }

    private mutating func appendNext(to text: inout ByteBuffer, upTo size: Int) {
        switch stage {
        case .interface:
            device.appendInterface(to: &text)
            stage = device.peers.isEmpty ? .end : .peers
        case .peers: appendPeer(to: &text, upTo: size)
        case .end:
            UAPIDeviceText.appendEnd(code: 0, to: &text)
            stage = .done
        case .done: break
        }
    }

    private mutating func appendPeer(to text: inout ByteBuffer, upTo size: Int) {
        if prefix == nil { device.peers[peer].appendAnswer(to: &text) }
        let allowedIPs = device.peers[peer].allowedIPs
        for index in (prefix ?? 0)..<allowedIPs.count {
            prefix = index
            guard text.count < size else { return }
            text.append("allowed_ip=")
            allowedIPs[index].append(to: &text)
            text.append("\n")
        }
        (peer, prefix) = (peer + 1, nil)
        if peer == device.peers.count { stage = .end }
    }

    /// The end of any answer. `code` is an errno without its sign, 0 for success.
    package static func appendEnd(code: Int32, to text: inout ByteBuffer) {
        text.append("errno=")
        text.append(decimal: -Int64(code))
        text.append("\n\n")
    }
}

extension Device {
    /// A port, a mark or a key that is none is left out, as wireguard-go does.
    fileprivate func appendInterface(to text: inout ByteBuffer) {
        if let privateKey {
            text.append("private_key=")
            privateKey.appendHex(to: &text)
            text.append("\n")
        }
        if listenPort != 0 { text.append("listen_port=", decimal: UInt64(listenPort)) }
        if fwmark != 0 { text.append("fwmark=", decimal: UInt64(fwmark)) }
    }
}

extension Peer {
    /// All but the allowed-ips. wireguard-go tells that there is no preshared key by a key of zeros: a fifth of
    /// the answer about most interfaces, which means the same when it is left out.
    fileprivate func appendAnswer(to text: inout ByteBuffer) {
        text.append("public_key=")
        publicKey.appendHex(to: &text)
        if let presharedKey {
            text.append("\npreshared_key=")
            presharedKey.appendHex(to: &text)
        }
        text.append("\nprotocol_version=1\n")
        if let endpoint {
            text.append("endpoint=")
            endpoint.append(to: &text)
            text.append("\n")
        }
        text.append("last_handshake_time_sec=", decimal: UInt64(clamping: latestHandshake.seconds))
        text.append("last_handshake_time_nsec=", decimal: UInt64(clamping: latestHandshake.nanoseconds))
        text.append("tx_bytes=", decimal: sent)
        text.append("rx_bytes=", decimal: received)
        text.append("persistent_keepalive_interval=", decimal: UInt64(persistentKeepalive))
    }
}

extension ByteBuffer {
    fileprivate mutating func append(_ key: StaticString, decimal value: UInt64) {
        append(key)
        append(decimal: value)
        append("\n")
    }
}
