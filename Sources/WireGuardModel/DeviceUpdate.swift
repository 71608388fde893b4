package import WireGuardKeys

/// What to change on an interface. A nil field stays as it is.
package struct DeviceUpdate: Sendable {
    package var name: InterfaceName
    package var privateKey: KeyChange<PrivateKey>?
    package var listenPort: UInt16?
    /// 0 takes the mark away.
    package var fwmark: UInt32?
    /// Drop every peer that the update does not name.
    package var replacePeers = false
    package var peers: [PeerUpdate] = []

    package init(name: InterfaceName) { self.name = name }
}

/// What to change on one peer. A nil field stays as it is.
package struct PeerUpdate: Sendable {
    package var publicKey: PublicKey
    /// Take the peer away; the other fields then mean nothing.
    package var remove = false
    /// Leave the peer alone where it does not exist, instead of making it.
    package var updateOnly = false
    package var presharedKey: KeyChange<PresharedKey>?
    package var endpoint: Endpoint?
    /// Seconds; 0 turns it off.
    package var persistentKeepalive: UInt16?
    /// Drop the peer's allowed-ips before those of the update are added.
    package var replaceAllowedIPs = false
    package var allowedIPs: ShortList<AllowedIPChange> = []

    package init(publicKey: PublicKey) { self.publicKey = publicKey }
}

package enum KeyChange<Key: SecretKey>: Sendable, Equatable {
    case set(Key)
    case clear
}

/// One entry of an allowed-ips list; an entry that is added leaves the peer that had it.
package struct AllowedIPChange: Hashable, Sendable, BitwiseCopyable {
    package var allowedIP: AllowedIP
    package var removes: Bool

    package init(_ allowedIP: AllowedIP, removes: Bool = false) {
        (self.allowedIP, self.removes) = (allowedIP, removes)
    }
}
