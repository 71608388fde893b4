import TestSupport
import WireGuardKeys
import WireGuardModel
import WireGuardText

extension String {
    /// The device in one of the formats, in the format's own order.
    init(_ device: Device, as format: some DeviceFormat) {
        self.init { text in
            format.append(interface: device, to: &text)
            let order = format.order(of: device.peers)?.map(Int.init) ?? Array(device.peers.indices)
            for (place, index) in order.enumerated() {
                if place > 0 { format.appendSeparator(to: &text) }
                format.append(device.peers[index], of: device, to: &text)
            }
        }
    }
}

extension Device {
    /// The moment at which the examples are looked at.
    static let now: Int64 = 1_700_000_000

    /// Alice with a peer of everything, one of nothing, and one of whom we heard just now.
    static var example: Device {
        var device = Device(name: InterfaceName("wg0"))
        let privateKey = PrivateKey(raw: aliceBytes.span)!
        (device.privateKey, device.publicKey) = (privateKey, privateKey.publicKey)
        (device.listenPort, device.fwmark) = (51820, 0xcafe)
        var everything = Peer(publicKey: Keys.publicKey(0x11))
        everything.presharedKey = Keys.secret(0x22)
        everything.endpoint = Endpoint(address: IPAddress(v4: 0xc000_0201), port: 51820)
        everything.latestHandshake = HandshakeTime(seconds: now - 5000, nanoseconds: 5)
        (everything.received, everything.sent, everything.persistentKeepalive) = (2_000_000, 1500, 25)
        everything.allowedIPs = [
            AllowedIP(IPAddress(v4: 0x0a00_0000), prefixLength: 8)!,
            AllowedIP(IPAddress(v6: 0xfd00 << 48, 0), prefixLength: 64)!,
        ]
        var recent = Peer(publicKey: Keys.publicKey(0x44))
        recent.endpoint = Endpoint(address: IPAddress(v6: 0x2001_0db8_0000_0000, 1), port: 5)
        recent.latestHandshake = HandshakeTime(seconds: now, nanoseconds: 0)
        (recent.received, recent.allowedIPs) = (7, [AllowedIP(IPAddress(v4: 0x0102_0304), prefixLength: 8)!])
        device.peers = [Peer(publicKey: Keys.publicKey(0x33)), everything, recent]
        return device
    }

    /// As it is after `ip link add wg0 type wireguard`.
    static var bare: Device { Device(name: InterfaceName("wg0")) }

    private static let aliceBytes = [UInt8](hex: Keys.alicePrivate)
}
