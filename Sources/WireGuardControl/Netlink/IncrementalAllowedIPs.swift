internal import WireGuardModel

/// Takes single allowed-ips away on kernels that cannot (before Linux 6.16): the peer's list is read,
/// edited, and sent back to replace the old one.
enum IncrementalAllowedIPs {
    static func isNeeded(by peer: PeerUpdate) -> Bool {
        !peer.remove && peer.allowedIPs.contains { $0.removes }
    }

    /// The update that has the same effect on `device` without taking away anything by itself.
    static func replacing(_ peer: PeerUpdate, on device: Device) -> PeerUpdate {
        let current = device.peers.first { $0.publicKey == peer.publicKey }?.allowedIPs ?? []
        let kept = peer.replaceAllowedIPs ? [] : current
        // Of several entries for one prefix the last one counts.
        var changes: [AllowedIP: AllowedIPChange] = [:]
        for change in peer.allowedIPs { changes[change.allowedIP.masked] = change }
        var replacing = peer
        replacing.replaceAllowedIPs = true
        replacing.allowedIPs = []
        for allowedIP in kept where changes[allowedIP.masked] == nil {
            replacing.allowedIPs.append(AllowedIPChange(allowedIP))
        }
        replacing.allowedIPs.append(contentsOf: changes.values.filter { !$0.removes })
        return replacing
    }
}
