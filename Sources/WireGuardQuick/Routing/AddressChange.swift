internal import LinuxNetlink
internal import WireGuardModel

/// The addresses of an interface to add and to remove.
struct AddressChange {
    let missing: [ConfiguredAddress]
    /// Addresses that `up` or `reload` added and that are no longer in the file.
    let stale: [InterfaceAddress]
    /// Existing addresses that stay: the file's, and those of hooks.
    let staying: [InterfaceAddress]
    /// Existing addresses that are not in the file, when no note tells who added them.
    let unknown: [InterfaceAddress]

    /// `applied` are those that `up` or `reload` added; nil if that is not known.
    init(from present: [InterfaceAddress], to wanted: [ConfiguredAddress], applied: Set<InterfaceAddress>?) {
        let own = Set(wanted.map(\.onLink))
        let known = Set(present)
        missing = wanted.filter { !known.contains($0.onLink) }
        let others = present.filter { !own.contains($0) && !$0.isAutomatic }
        stale = applied.map { applied in others.filter(applied.contains) } ?? []
        unknown = applied == nil ? others.filter { $0.peer == nil } : []
        let gone = Set(stale)
        staying = present.filter { !gone.contains($0) && !$0.isAutomatic }
        networks = (staying + wanted.map(\.onLink)).map(\.network)
    }

    /// The networks of all addresses after the change.
    private let networks: [AllowedIP]

    private var staleNetworks: Set<AllowedIP> { Set(stale.filter { $0.address.family == .v4 }.map(\.network)) }

    /// Whether the kernel may drop routes that are wanted, even for a moment.
    var mayDropRoutes: Bool { !staleNetworks.isEmpty }

    /// Whether the kernel may remove an address that stays with the first one of its network.
    var mayDropAddresses: Bool {
        let stale = staleNetworks
        return networks.contains(where: stale.contains)
    }

    /// Whether there may be a moment without an IPv4 address, in which the kernel drops all IPv4 routes. Unless the
    /// kernel promotes other addresses, it removes them with the first one of their network.
    func mayDropAll(isPromoting: Bool) -> Bool {
        let stale = isPromoting ? [] : staleNetworks
        return !networks.contains { $0.address.family == .v4 && !stale.contains($0) }
    }

    /// Whether the network of an address exists after the change.
    func keepsNetwork(_ network: AllowedIP) -> Bool { networks.contains(network) }
}

extension InterfaceAddress {
    /// The network of the address's connected route: the network around it, or around its peer.
    var network: AllowedIP { AllowedIP(peer ?? address, prefixLength: prefixLength)!.masked }
}
