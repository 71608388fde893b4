package import ByteText
package import WireGuardModel
package import WireGuardText

extension String {
    package init(_ build: (inout ByteBuffer) -> Void) {
        var text = ByteBuffer()
        build(&text)
        self.init(decoding: Array(copying: text.span), as: UTF8.self)
    }

    /// The update as a daemon would be told of it.
    package init(requesting update: DeviceUpdate) {
        self.init { text in
            UAPIRequest.appendBeginning(of: update, to: &text)
            for peer in update.peers { UAPIRequest.append(peer, to: &text) }
            UAPIRequest.appendEnd(to: &text)
        }
    }

    /// The device in one of the formats, in the format's own order.
    package init(_ device: Device, as format: some DeviceFormat) {
        self.init { text in
            format.append(interface: device, to: &text)
            let order = format.order(of: device.peers)?.map(Int.init) ?? Array(device.peers.indices)
            for (place, index) in order.enumerated() {
                if place > 0 { format.appendSeparator(to: &text) }
                format.append(device.peers[index], of: device, to: &text)
            }
        }
    }

    var lines: [Substring] {
        expect(isEmpty || hasSuffix("\n"), "a text ends with its last line: \(self)")
        return dropLast().split(separator: "\n", omittingEmptySubsequences: false)
    }
}

extension DeviceUpdate {
    /// The device that a new interface would be after this update.
    package var device: Device {
        var device = Device(name: name)
        if case .set(let key) = privateKey { device.privateKey = key }
        device.listenPort = listenPort ?? 0
        device.fwmark = fwmark ?? 0
        device.peers = peers.filter { !$0.remove }.map { update in
            var peer = Peer(publicKey: update.publicKey)
            if case .set(let key) = update.presharedKey, !key.isZero { peer.presharedKey = key }
            peer.endpoint = update.endpoint
            peer.persistentKeepalive = update.persistentKeepalive ?? 0
            for change in update.allowedIPs where !change.removes { peer.allowedIPs.append(change.allowedIP) }
            return peer
        }
        return device
    }
}

extension Device {
    /// The update that makes this device of a new interface.
    package var update: DeviceUpdate {
        var update = DeviceUpdate(name: name)
        update.privateKey = privateKey.map { .set($0) }
        (update.listenPort, update.fwmark) = (listenPort, fwmark)
        update.peers = peers.map { peer in
            var update = PeerUpdate(publicKey: peer.publicKey)
            update.presharedKey = peer.presharedKey.map { .set($0) }
            update.endpoint = peer.endpoint
            update.persistentKeepalive = peer.persistentKeepalive
            update.replaceAllowedIPs = true
            for prefix in peer.allowedIPs { update.allowedIPs.append(AllowedIPChange(prefix)) }
            return update
        }
        return update
    }
}
