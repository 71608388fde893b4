internal import LinuxNetlink
internal import LinuxSystem
internal import WireGuardModel

/// A route of the last choice that refuses packets, for the time in which the tunnel's own route may be missing: the
/// kernel drops a link's routes with its last IPv4 address, and packets would else leave by the next rule in the clear.
///
/// It stands from before the first step of a `reload` to the end. One that was killed leaves it: so the machine stays
/// closed, and the next `reload` or `down` removes it.
struct Barrier: Hashable {
    let destination: AllowedIP
    let table: UInt32

    /// Higher than that of any route that counts.
    private static let metric = UInt32.max
    /// RTPROT_: by it the routes are found again. No routing daemon known to iproute2 has this number.
    private static let number: UInt8 = 87

    init(_ destination: AllowedIP, table: UInt32) {
        self.destination = destination
        self.table = table
    }

    /// Nil for a route that is no barrier.
    private init?(_ route: Route) {
        guard route.metric == Self.metric, route.device == nil else { return nil }
        self.init(route.destination, table: route.table)
    }

    var route: Route {
        Route(unreachable: destination, table: table, metric: Self.metric, protocol: Self.number)
    }

    var text: String {
        let place = table == RouteTable.main ? "" : " table \(table)"
        return "unreachable \(destination.words)\(place) metric \(Self.metric) proto \(Self.number)"
    }
}

extension Barrier {
    /// For everything of IPv4 that routes of a link lead to. An address of IPv6 takes no route along but its own, which
    /// stays as long as another of its network does.
    static func all(of routes: some Sequence<Route>) -> [Barrier] {
        var known: Set<Barrier> = []
        return routes.compactMap { route in
            guard route.destination.address.family == .v4, route.isUnicast else { return nil }
            let barrier = Barrier(route.destination, table: route.table)
            return known.insert(barrier).inserted ? barrier : nil
        }
    }

    /// Those that a `reload` of this network namespace left.
    static func remains(_ machine: inout Machine) throws(QuickFailure) -> [Barrier] {
        try machine.ask("ip -4 route show table all proto \(number)") { (network) throws(Errno) in
            try network.routes(.v4, table: nil, protocol: number).compactMap(Barrier.init)
        }
    }
}
