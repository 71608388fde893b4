internal import ByteText
internal import LinuxNetlink
internal import WireGuardModel

/// A route through the interface, in the words in which it is announced.
struct PlannedRoute: Hashable {
    let destination: AllowedIP
    /// Nil for the main table.
    var table: PlannedTable?
    /// The kernel's route, to be restored exactly; nil for the route that `ip route add` makes of the fields.
    private(set) var found: Route?

    /// Of everything, in a table of its own.
    static func `default`(_ family: IPAddress.Family, table: UInt32) -> PlannedRoute {
        let anywhere = family == .v4 ? IPAddress(v4: 0) : IPAddress(v6: 0, 0)
        return PlannedRoute(
            destination: AllowedIP(anywhere, prefixLength: 0)!, table: PlannedTable(number: table))
    }

    init(destination: AllowedIP, table: PlannedTable? = nil) {
        self.destination = destination
        self.table = table
    }

    /// A route of the link, exactly as the kernel has it.
    init(_ route: Route) {
        destination = route.destination
        table = route.table == RouteTable.main ? nil : PlannedTable(number: route.table)
        found = route
    }

    /// The route that `ip route add` would make with the destination and table of a route of the link.
    init(bare route: Route) {
        destination = route.destination
        table = PlannedTable(number: route.table)
    }

    var family: IPAddress.Family { destination.address.family }

    func text(on name: InterfaceName) -> String {
        let gateway = found?.gateway.map { " via \($0.words)" } ?? ""
        var text = "\(destination.words)\(gateway) dev \(name)"
        if let table { text += " table \(table.text)" }
        if let source = found?.source { text += " src \(source.words)" }
        if let metric = found?.metric, metric != Self.usualMetric(family) { text += " metric \(metric)" }
        return text
    }

    func route(device: Int32) -> Route {
        if var found {
            found.device = device
            return found
        }
        return Route(to: destination, device: device, table: table?.number ?? RouteTable.main)
    }
}

extension PlannedRoute {
    /// The metric that the kernel gives a route if none was requested.
    private static func usualMetric(_ family: IPAddress.Family) -> UInt32 { family == .v4 ? 0 : 1024 }

    /// Whether the kernel's route may be one that `ip route add` made of the fields.
    func isMet(by route: Route) -> Bool {
        route.destination == destination && route.table == table?.number ?? RouteTable.main && route.gateway == nil
            && route.metric ?? Self.usualMetric(family) == Self.usualMetric(family)
    }
}

/// A routing table as the file names it.
struct PlannedTable: Hashable {
    let text: ByteString
    let number: UInt32

    init(number: UInt32) { (text, self.number) = (ByteString("\(number)"), number) }

    /// Nil where iproute2's `rt_tables` has no such name.
    init?(_ text: ByteString) {
        guard let number = RouteTable.number(of: text) else { return nil }
        (self.text, self.number) = (text, number)
    }
}
