internal import ByteText
internal import CLinux
package import LinuxNetlink
package import LinuxSystem
internal import WireGuardKeys
package import WireGuardModel

/// Writes a device update as WG_CMD_SET_DEVICE messages, as many as it takes.
///
/// A peer whose allowed-ips do not fit is continued in the next message. There it must exist, and what
/// the message before has done to it must not be undone: a continued part carries WGPEER_F_UPDATE_ONLY
/// and no flag that replaces or removes.
package struct DeviceUpdateMessages {
    private let update: DeviceUpdate
    /// Where the next message begins: a peer, and how many of its allowed-ips have been sent.
    private var peer = 0
    private var sentAllowedIPs = 0
    private var isFirst = true

    package init(_ update: DeviceUpdate) { self.update = update }

    /// Whether there is nothing left to write. An update without peers is one message all the same.
    package var isDone: Bool { !isFirst && peer == update.peers.count }

    /// Fills `message`, which holds the generic header only, with as much as it takes.
    package mutating func write(to message: inout NetlinkMessage) throws(Errno) {
        guard message.put(WGDEVICE_A_IFNAME.rawValue, text: update.name.text) else { throw .nameTooLong }
        if isFirst { guard writeDevice(to: &message) else { throw .messageTooLong } }
        isFirst = false
        guard peer < update.peers.count else { return }
        let before = (peer, sentAllowedIPs)
        try writePeers(to: &message)
        // A message that cannot hold the smallest part would be followed by the same for ever.
        guard (peer, sentAllowedIPs) != before else { throw .messageTooLong }
    }

    private func writeDevice(to message: inout NetlinkMessage) -> Bool {
        var fits = true
        if let key = update.privateKey { fits = message.put(WGDEVICE_A_PRIVATE_KEY.rawValue, key: key) }
        if let port = update.listenPort { fits = fits && message.put(WGDEVICE_A_LISTEN_PORT.rawValue, port) }
        if let mark = update.fwmark { fits = fits && message.put(WGDEVICE_A_FWMARK.rawValue, mark) }
        if update.replacePeers {
            fits = fits && message.put(WGDEVICE_A_FLAGS.rawValue, WGDEVICE_F_REPLACE_PEERS.rawValue)
        }
        return fits
    }

    private mutating func writePeers(to message: inout NetlinkMessage) throws(Errno) {
        guard let peers = message.open(WGDEVICE_A_PEERS.rawValue) else { throw .messageTooLong }
        while peer < update.peers.count, writePeer(to: &message) {
            peer += 1
            sentAllowedIPs = 0
        }
        message.close(peers)
    }

    /// False where the message is full before the peer's end; `sentAllowedIPs` then tells how far it came.
    private mutating func writePeer(to message: inout NetlinkMessage) -> Bool {
        let current = update.peers[peer]
        guard let nest = message.open(0) else { return false }
        guard writeFields(of: current, to: &message) else {
            message.cancel(nest)
            return false
        }
        let sentBefore = sentAllowedIPs
        let isWhole = writeAllowedIPs(of: current, to: &message)
        if isWhole || sentAllowedIPs > sentBefore { message.close(nest) } else { message.cancel(nest) }
        return isWhole
    }

    private func writeFields(of current: PeerUpdate, to message: inout NetlinkMessage) -> Bool {
        guard message.put(WGPEER_A_PUBLIC_KEY.rawValue, current.publicKey.bytes.span) else { return false }
        guard sentAllowedIPs == 0 else { return message.put(WGPEER_A_FLAGS.rawValue, WGPEER_F_UPDATE_ONLY.rawValue) }
        guard message.put(WGPEER_A_FLAGS.rawValue, flags(of: current)) else { return false }
        if current.remove { return true }
        if let key = current.presharedKey {
            guard message.put(WGPEER_A_PRESHARED_KEY.rawValue, key: key) else { return false }
        }
        if let endpoint = current.endpoint {
            var raw = ByteBuffer()
            endpoint.socketAddress.appendRaw(to: &raw)
            guard message.put(WGPEER_A_ENDPOINT.rawValue, raw.span) else { return false }
        }
        if let seconds = current.persistentKeepalive {
            return message.put(WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL.rawValue, seconds)
        }
        return true
    }

    private func flags(of current: PeerUpdate) -> UInt32 {
        if current.remove { return WGPEER_F_REMOVE_ME.rawValue }
        var flags: UInt32 = 0
        if current.replaceAllowedIPs { flags |= WGPEER_F_REPLACE_ALLOWEDIPS.rawValue }
        if current.updateOnly { flags |= WGPEER_F_UPDATE_ONLY.rawValue }
        return flags
    }

    private mutating func writeAllowedIPs(of current: PeerUpdate, to message: inout NetlinkMessage) -> Bool {
        guard !current.remove, sentAllowedIPs < current.allowedIPs.count else { return true }
        guard let nest = message.open(WGPEER_A_ALLOWEDIPS.rawValue) else { return false }
        while sentAllowedIPs < current.allowedIPs.count {
            guard message.put(current.allowedIPs[sentAllowedIPs]) else { break }
            sentAllowedIPs += 1
        }
        message.close(nest)
        return sentAllowedIPs == current.allowedIPs.count
    }
}

extension NetlinkMessage {
    /// A key of zeros is the kernel's word for none.
    fileprivate mutating func put<Key>(_ type: UInt32, key change: KeyChange<Key>) -> Bool {
        switch change {
        case .set(let key): put(type, key.secret.span)
        case .clear: put(type, KeyBytes(repeating: 0).span)
        }
    }

    fileprivate mutating func put(_ change: AllowedIPChange) -> Bool {
        guard let nest = open(0) else { return false }
        let address = change.allowedIP.address
        let raw = address.networkBytes
        let family = address.family == .v4 ? SocketFamily.v4 : SocketFamily.v6
        let fits =
            put(WGALLOWEDIP_A_FAMILY.rawValue, family)
            && put(WGALLOWEDIP_A_IPADDR.rawValue, raw.span.extracting(..<address.family.byteCount))
            && put(WGALLOWEDIP_A_CIDR_MASK.rawValue, change.allowedIP.prefixLength)
            && (!change.removes
                || put(UInt32(CLINUX_WGALLOWEDIP_A_FLAGS), UInt32(CLINUX_WGALLOWEDIP_F_REMOVE_ME)))
        if fits { close(nest) } else { cancel(nest) }
        return fits
    }
}
