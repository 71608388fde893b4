internal import LinuxNetlink
internal import WireGuardModel

/// Which addresses of an interface come and go.
struct AddressChange {
    let missing: [ConfiguredAddress]
    /// Those that `up` or `reload` added and that the file has no more.
    let stale: [InterfaceAddress]
    /// What is there and stays: the file's, and those of hooks.
    let staying: [InterfaceAddress]
    /// Not the file's, and no note tells whose they are.
    let unknown: [InterfaceAddress]

    /// `applied` are those that `up` or `reload` added; nil where that is not known.
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

    /// Of all that is there in the end.
    private let networks: [AllowedIP]

    private var staleNetworks: Set<AllowedIP> { Set(stale.filter { $0.address.family == .v4 }.map(\.network)) }

    /// Whether the kernel may drop routes that are wanted, be it for a moment.
    var mayDropRoutes: Bool { !staleNetworks.isEmpty }

    /// Whether an address that stays may go with the first one of its network.
    var mayDropAddresses: Bool {
        let stale = staleNetworks
        return networks.contains(where: stale.contains)
    }

    /// Whether there may be a moment without an IPv4 address, in which the kernel drops all of IPv4's routes. Where it
    /// does not promote other addresses, they go with the first one of their network.
    func mayDropAll(isPromoting: Bool) -> Bool {
        let stale = isPromoting ? [] : staleNetworks
        return !networks.contains { $0.address.family == .v4 && !stale.contains($0) }
    }

    /// Whether the network of some address will be there in the end.
    func keepsNetwork(_ network: AllowedIP) -> Bool { networks.contains(network) }
}

extension InterfaceAddress {
    /// What it brings a route to: the network around it, or around its peer.
    var network: AllowedIP { AllowedIP(peer ?? address, prefixLength: prefixLength)!.masked }
}
