internal import ByteText
internal import LinuxNetlink
internal import WireGuardModel

/// The routes to add and to remove when a file has changed, by the kernel's state and the notes of applied settings.
///
/// Only routes of the interface's old allowed-ips are removed: others, as of hooks, stay.
struct ReloadPlan {
    let wantedRoutes: [PlannedRoute]
    /// The routes to remove, as the kernel has them.
    let staleRoutes: [Route]

    /// Families that need a default route by rules, and its fwmark; 0 for none.
    let families: [IPAddress.Family]
    let mark: UInt32
    /// Default routes, by fwmark and family, that are no longer wanted.
    let fallen: [(mark: UInt32, family: IPAddress.Family)]
    /// The fwmark of the interface after the reload; nil leaves it as it is.
    let finalMark: UInt32?

    init(
        _ update: DeviceUpdate, _ settings: QuickSettings, _ notes: AppliedNotes, _ found: InterfaceSnapshot,
        plainDefaults: Bool, _ machine: inout Machine
    ) throws(QuickFailure) {
        let plan = try RoutePlan(update.allowedIPs, settings.table, plainDefaults: plainDefaults)
        wantedRoutes = plan.routes
        families = plan.defaultFamilies
        staleRoutes = Self.staleRoutes(found, notes, settings, wanted: plan.routes, plainDefaults: plainDefaults)

        let own = Self.ownMarks(found, notes)
        let asked = update.fwmark ?? 0
        if families.isEmpty {
            mark = 0
        } else if asked != 0 {
            mark = asked
        } else if let first = own.first {
            mark = first
        } else {
            mark = try DefaultRoutes.freeMark(&machine)
        }
        let mark = mark
        let wanted = Set(families)
        fallen = own.flatMap { mark in [IPAddress.Family.v6, .v4].map { (mark, $0) } }
            .filter { $0.0 != mark || !wanted.contains($0.1) }
        finalMark = if mark != 0 { mark } else if own.contains(found.device.fwmark) { asked } else { update.fwmark }
    }

    /// Whether a route is a default route that is no longer wanted.
    func lowers(_ route: Route) -> Bool {
        route.destination.prefixLength == 0
            && fallen.contains { $0.mark == route.table && $0.family == route.destination.address.family }
    }

    private static func staleRoutes(
        _ found: InterfaceSnapshot, _ notes: AppliedNotes, _ settings: QuickSettings, wanted: [PlannedRoute],
        plainDefaults: Bool
    ) -> [Route] {
        let allowed = found.device.peers.flatMap(\.allowedIPs)
        let wanted = Set(wanted.map(Place.init))
        var old: Set<Place> = []
        for table in notes.tables.isEmpty ? [settings.table] : notes.tables {
            // The routes of a table whose name was removed from rt_tables cannot be found.
            guard let plan = try? RoutePlan(allowed, table, plainDefaults: plainDefaults) else { continue }
            for route in plan.routes { old.insert(Place(route)) }
        }
        return found.routes.filter { route in
            let place = Place(destination: route.destination, table: route.table)
            return old.contains(place) && !wanted.contains(place) && PlannedRoute(bare: route).isMet(by: route)
        }
    }

    /// Fwmarks of default routes that `up` or `reload` raised, the interface's own first.
    ///
    /// Without a note they are guessed from the kernel's state: a rule alone may be the user's.
    private static func ownMarks(_ found: InterfaceSnapshot, _ notes: AppliedNotes) -> [UInt32] {
        var marks = notes.marks
        if notes.addresses == nil {
            for route in found.routes where route.destination.prefixLength == 0 && route.table != RouteTable.main {
                let family = route.destination.address.family
                let hasRule = found.rules(route.table, family).unmarked != nil
                if hasRule || route.table == found.device.fwmark { marks.append(route.table) }
            }
            for firewall in found.firewalls { if let mark = firewall.mark { marks.append(mark) } }
        }
        let current = found.device.fwmark
        var known: Set<UInt32> = []
        return marks.filter { known.insert($0).inserted }.sorted { ($0 == current ? 0 : 1) < ($1 == current ? 0 : 1) }
    }

    /// The destination and table of a route, by which ours are recognized.
    private struct Place: Hashable {
        let destination: AllowedIP
        let table: UInt32

        init(destination: AllowedIP, table: UInt32) {
            self.destination = destination
            self.table = table
        }

        init(_ route: PlannedRoute) {
            self.init(destination: route.destination, table: route.table?.number ?? RouteTable.main)
        }
    }
}
