internal import WireGuardModel

/// Takes single allowed-ips away on kernels that cannot (before Linux 6.16): what the update adds is added
/// as ever, then the peer's list is read, and replaced by the same without what shall go.
enum IncrementalAllowedIPs {
    static func isNeeded(by peer: PeerUpdate) -> Bool {
        !peer.remove && peer.allowedIPs.contains { $0.removes }
    }

    /// The update without its removals. A prefix that it adds and then removes must first be taken from
    /// whoever has it.
    static func additions(of peer: PeerUpdate) -> PeerUpdate {
        var additions = peer
        additions.allowedIPs = ShortList(peer.allowedIPs.filter { !$0.removes })
        return additions
    }

    /// What is left to do on a device that has the additions; nil where nothing is.
    static func replacement(for peer: PeerUpdate, on device: Device) -> PeerUpdate? {
        guard let current = device.peers.first(where: { $0.publicKey == peer.publicKey })?.allowedIPs else {
            return nil
        }
        // Of several entries for one prefix the last one counts.
        var isRemoved: [AllowedIP: Bool] = [:]
        for change in peer.allowedIPs { isRemoved[change.allowedIP.masked] = change.removes }
        let kept = current.filter { isRemoved[$0.masked] != true }
        guard kept.count < current.count else { return nil }
        var replacement = PeerUpdate(publicKey: peer.publicKey)
        replacement.updateOnly = true
        replacement.replaceAllowedIPs = true
        replacement.allowedIPs = ShortList(kept.map { AllowedIPChange($0) })
        return replacement
    }
}
