internal import LinuxNetlink
internal import LinuxSystem
internal import WireGuardModel

/// An unreachable route of the highest metric, for the time in which the tunnel's own route may be missing: the kernel
/// drops a link's routes with its last IPv4 address, and packets would then leave unencrypted by the next rule.
///
/// It exists from before the first step of a `reload` to the end. A `reload` that is killed leaves it: no packet leaks
/// until the next `reload` or `down` removes it.
struct Barrier: Hashable {
    let destination: AllowedIP
    let table: UInt32

    /// Higher than the metric of any route in use.
    private static let metric = UInt32.max
    /// RTPROT_: the number by which the routes are found again. No routing daemon known to iproute2 has it.
    private static let number: UInt8 = 87

    init(_ destination: AllowedIP, table: UInt32) {
        self.destination = destination
        self.table = table
    }

    /// Nil for a route that is not a barrier.
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
    /// The barriers for all IPv4 destinations of a link's routes. Removing an IPv6 address drops no route but its own,
    /// which stays as long as another address of its network does.
    static func all(of routes: some Sequence<Route>) -> [Barrier] {
        var known: Set<Barrier> = []
        return routes.compactMap { route in
            guard route.destination.address.family == .v4, route.isUnicast else { return nil }
            let barrier = Barrier(route.destination, table: route.table)
            return known.insert(barrier).inserted ? barrier : nil
        }
    }

    /// The barriers that a `reload` in this network namespace left.
    static func remains(_ machine: inout Machine) throws(QuickFailure) -> [Barrier] {
        try machine.ask("ip -4 route show table all proto \(number)") { (network) throws(Errno) in
            try network.routes(.v4, table: nil, protocol: number).compactMap(Barrier.init)
        }
    }
}
