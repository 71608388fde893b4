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

    /// Whether the interface has the route, and not from an address of its own.
    mutating func hasOwnRoute(_ route: PlannedRoute) throws(QuickFailure) -> Bool {
        guard let link = try link() else { return false }
        let table = route.table?.number ?? RouteTable.main
        return try ask("ip \(route.family.option) route show dev \(name)") { (network) throws(Errno) in
            try network.routes(route.family, table: table, device: link.index).contains {
                $0.destination == route.destination && !$0.isConnected
            }
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

    /// In the words of `ip`.
    init(_ address: InterfaceAddress) {
        var text = ByteBuffer()
        text.append(address)
        self.init(
            text: ByteString(copying: text.span), address: address.address, prefixLength: address.prefixLength)
    }
}
