internal import Synchronization
internal import WireGuardKeys
internal import WireGuardModel

/// Which peers there are and which inner addresses they own, guarded by the tunnel's lock.
struct TunnelConfiguration {
    var isUp = false
    private var byKey: [PublicKey: TunnelPeer] = [:]
    /// At their slots; those of removed peers are used again.
    private var members: [Member?] = []
    private var freeSlots: [UInt32] = []
    private var allowedIPs = AllowedIPs<Route>()
    private var nextOrder: UInt32 = 0

    private struct Member {
        let peer: TunnelPeer
        /// Peers are told in the order in which they were added.
        let order: UInt32
        /// In the order in which they were given. Some have left since: the trie knows.
        var prefixes: ShortList<OwnedPrefix> = []
        /// How many of them are still the peer's.
        var owned = 0
    }

    /// A prefix with the number that the trie has for it, by which a stale entry is known.
    private struct OwnedPrefix: BitwiseCopyable, Sendable {
        let allowedIP: AllowedIP
        let route: Route
    }

    func peer(_ publicKey: PublicKey) -> TunnelPeer? { byKey[publicKey] }

    var allPeers: [TunnelPeer] { members.compactMap { $0?.peer } }

    var routingTable: RoutingTable { RoutingTable(allowedIPs: allowedIPs, peers: members.map { $0?.peer }) }

    // MARK: Peers

    mutating func add(_ publicKey: PublicKey, in surroundings: PeerSurroundings) -> TunnelPeer {
        let slot = freeSlots.popLast() ?? UInt32(members.count)
        let peer = TunnelPeer(publicKey: publicKey, slot: slot, in: surroundings)
        if !isUp { peer.close() }
        if Int(slot) == members.count { members.append(nil) }
        members[Int(slot)] = Member(peer: peer, order: takeOrder())
        byKey[publicKey] = peer
        return peer
    }

    mutating func remove(_ publicKey: PublicKey) {
        guard let peer = byKey.removeValue(forKey: publicKey) else { return }
        removeAllowedIPs(of: peer)
        members[Int(peer.slot)] = nil
        freeSlots.append(peer.slot)
        peer.erase()
    }

    mutating func removeAll() {
        for peer in allPeers { peer.erase() }
        self = TunnelConfiguration(isUp: isUp)
    }

    init(isUp: Bool = false) { self.isUp = isUp }

    private mutating func takeOrder() -> UInt32 {
        defer { nextOrder &+= 1 }
        return nextOrder
    }

    // MARK: Allowed-ips

    /// Gives the peer a prefix, which leaves the one that had it.
    mutating func add(_ allowedIP: AllowedIP, to peer: TunnelPeer) {
        let prefix = allowedIP.masked
        if allowedIPs.owner(of: prefix)?.slot == peer.slot { return }
        let route = Route(slot: peer.slot, order: takeOrder())
        if let old = allowedIPs.insert(prefix, route) { members[Int(old.slot)]!.owned -= 1 }
        members[Int(peer.slot)]!.prefixes.append(OwnedPrefix(allowedIP: prefix, route: route))
        members[Int(peer.slot)]!.owned += 1
        dropStale(ofSlot: Int(peer.slot))
    }

    /// Prefixes that come and go leave entries behind; they may not pile up.
    private mutating func dropStale(ofSlot slot: Int) {
        let member = members[slot]!
        guard member.prefixes.count > 2 * member.owned + 16 else { return }
        members[slot]!.prefixes = ShortList(member.prefixes.lazy.filter(isOwned))
    }

    private func isOwned(_ prefix: OwnedPrefix) -> Bool { allowedIPs.owner(of: prefix.allowedIP) == prefix.route }

    /// Takes a prefix away, if the peer has it.
    mutating func remove(_ allowedIP: AllowedIP, from peer: TunnelPeer) {
        let prefix = allowedIP.masked
        guard allowedIPs.owner(of: prefix)?.slot == peer.slot else { return }
        allowedIPs.remove(prefix)
        members[Int(peer.slot)]!.owned -= 1
    }

    mutating func removeAllowedIPs(of peer: TunnelPeer) {
        let slot = Int(peer.slot)
        for prefix in members[slot]!.prefixes where isOwned(prefix) { allowedIPs.remove(prefix.allowedIP) }
        members[slot]!.prefixes = []
        members[slot]!.owned = 0
    }

    // MARK: What there is

    var peerCount: Int { byKey.count }

    /// Calls `body` with each peer, in the order of their adding, and what it owns.
    func forEachPeer(_ body: (TunnelPeer, ShortList<AllowedIP>) -> Void) {
        for slot in slotsInOrder { body(members[slot]!.peer, ownedPrefixes(ofSlot: slot)) }
    }

    private var slotsInOrder: [Int] {
        // As numbers: copies of members to be sorted would take most of the time of an answer to `wg show`.
        var keys: [UInt64] = []
        keys.reserveCapacity(peerCount)
        for slot in members.indices {
            if let order = members[slot]?.order { keys.append(UInt64(order) << 32 | UInt64(slot)) }
        }
        keys.sort()
        return keys.map { Int(UInt32(truncatingIfNeeded: $0)) }
    }

    private func ownedPrefixes(ofSlot slot: Int) -> ShortList<AllowedIP> {
        let prefixes = members[slot]!.prefixes
        let areAllOwned = prefixes.count == members[slot]!.owned
        var owned: ShortList<AllowedIP> = []
        for prefix in prefixes where areAllOwned || isOwned(prefix) { owned.append(prefix.allowedIP) }
        return owned
    }
}
