internal import ByteText
internal import LinuxNetlink
internal import LinuxSystem
internal import WireGuardModel

/// What is there already: questions of the commands that change an interface.
extension Machine {
    /// The interface's; none while there is no interface.
    mutating func addresses() throws(QuickFailure) -> [InterfaceAddress] {
        guard let link = try link() else { return [] }
        return try ask("ip address show dev \(name)") { (network) throws(Errno) in
            try network.addresses(of: link.index)
        }
    }

    /// Where the interface has routes to in a table, but for those that its addresses brought. All at once: there may be
    /// thousands.
    mutating func destinations(in table: PlannedTable?) throws(QuickFailure) -> Set<AllowedIP> {
        guard let link = try link() else { return [] }
        let number = table?.number ?? RouteTable.main
        return try ask("ip route show dev \(name)") { (network) throws(Errno) in
            let routes =
                try network.routes(.v4, table: number, device: link.index)
                + network.routes(.v6, table: number, device: link.index)
            return Set(routes.lazy.filter { !$0.isConnected }.map(\.destination))
        }
    }

    /// What the interface's addresses bring routes to. Of steps that are only told of, those that the file has.
    mutating func connectedNetworks(_ settings: QuickSettings) throws(QuickFailure) -> [AllowedIP] {
        if isDry { return settings.addresses.compactMap(\.connectedNetwork) }
        guard let link = try link() else { return [] }
        return try ask("ip route show dev \(name)") { (network) throws(Errno) in
            let routes = try network.routes(.v4, device: link.index) + network.routes(.v6, device: link.index)
            return routes.filter(\.isConnected).map(\.destination)
        }
    }

    /// The file's update, told of endpoints that are left out.
    func configuration(_ file: borrowing QuickFile, isTolerant: Bool) throws(QuickFailure) -> DeviceUpdate {
        let sources = isTolerant ? context.impatientSources : context.sources
        let configured = try file.update(sources, tolerant: isTolerant)
        for endpoint in configured.unresolved { context.warn("Left out: \(endpoint)") }
        return configured.update
    }

    /// The file's MTU, else what suits the ways to the endpoints.
    mutating func suitableMTU(_ settings: QuickSettings, _ update: DeviceUpdate) throws(QuickFailure) -> UInt32 {
        if let mtu = settings.mtu { return mtu }
        let link = try link()
        let mark = (try? device())?.fwmark ?? 0
        return EndpointMTU.mtu(for: update, &network, mark: mark, except: link?.index)
    }
}

extension ConfiguredAddress {
    /// Nil for an IPv4 address alone, which brings no route.
    fileprivate var connectedNetwork: AllowedIP? {
        if address.family == .v4, prefixLength == 32 { return nil }
        return AllowedIP(address, prefixLength: prefixLength)?.masked
    }
}
