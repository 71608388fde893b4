internal import ByteText
internal import LinuxNetlink
internal import LinuxSystem
internal import WireGuardModel

/// Default routes through the tunnel that leave the machine's own in place.
///
/// They stand in a table of their own, which rules put in front of the main table's default route for all packets but
/// those that the tunnel itself sends: these bear a mark, the number of that table.
struct DefaultRoutes {
    private let families: [IPAddress.Family]
    /// The file's; 0 and nil for none.
    private let fileMark: UInt32?

    static let firstTable: UInt32 = 51820
    /// The sysctl with which the reverse path filter also considers the fwmark.
    static let validMark: ByteString = "net.ipv4.conf.all.src_valid_mark"

    init(_ families: [IPAddress.Family], fileMark: UInt32?) { (self.families, self.fileMark) = (families, fileMark) }

    /// Returns the fwmark; 0 if there is no default route.
    func raise(_ machine: inout Machine, _ settings: QuickSettings) throws(QuickFailure) -> UInt32 {
        if families.isEmpty { return 0 }
        machine.lockRules()
        let mark = try mark(&machine)
        for family in families {
            try Self.raise(family, mark, over: nil, &machine)
            try Self.raiseFirewall(family, mark, &machine, settings)
        }
        return mark
    }

    private func mark(_ machine: inout Machine) throws(QuickFailure) -> UInt32 {
        if let fileMark, fileMark != 0 { return fileMark }
        let mark = try Self.freeMark(&machine)
        try machine.perform(.setMark(mark))
        return mark
    }

    /// The first fwmark whose table is empty.
    static func freeMark(_ machine: inout Machine) throws(QuickFailure) -> UInt32 {
        try machine.ask("ip route show table \(firstTable)") { (network) throws(Errno) in
            var table = firstTable
            while try network.hasRoutes(inTable: table) { table += 1 }
            return table
        }
    }
}

// MARK: One family

extension DefaultRoutes {
    /// Adds rules and route; only those that are missing, if `found` has some of them.
    static func raise(
        _ family: IPAddress.Family, _ mark: UInt32, over found: InterfaceSnapshot?, _ machine: inout Machine
    ) throws(QuickFailure) {
        let rules = found?.rules(mark, family)
        if rules?.unmarked == nil {
            try machine.perform(.addRule(.unmarked(mark, family), priority: rules?.freePriority))
        }
        // An existing `withoutDefault` is of no use if the tunnel's own rule cannot directly follow it.
        let isPair = rules?.withoutDefault != nil && (rules?.unmarked != nil || rules?.freePriority != nil)
        if !isPair {
            let priority = rules?.unmarked == nil ? nil : rules?.freePriority
            try machine.perform(.addRule(.withoutDefault(family), priority: priority))
        }
        let route = PlannedRoute.default(family, table: mark)
        let isThere = found == nil ? false : try machine.hasRoute(route)
        if !isThere { try machine.perform(.addRoute(route)) }
        if family == .v4 { try acceptMarkedAnswers(&machine) }
    }

    private static func acceptMarkedAnswers(_ machine: inout Machine) throws(QuickFailure) {
        let before = try machine.ask("sysctl \(validMark)") { (_) throws(Errno) in
            try Sysctl.read(validMark.slashed)
        }
        if before != "1" { try machine.perform(.setSysctl(validMark, to: "1", from: before)) }
    }

    static func raiseFirewall(
        _ family: IPAddress.Family, _ mark: UInt32, over present: [PresentFirewall] = [], _ machine: inout Machine,
        _ settings: QuickSettings
    ) throws(QuickFailure) {
        let plan = try FirewallPlan(
            name: machine.name, family: family, mark: mark, addresses: machine.addresses(family, or: settings))
        let needed = Set(settings.addresses.map(\.address).filter { $0.family == family })
        if present.count == 1, present[0].meets(plan, needed: needed, machine.context) { return }
        let firewall = try Firewall.make(plan, machine.context)
        for old in present where old.kind == .iptables { try machine.perform(.lowerFirewall(old.firewall)) }
        try machine.perform(.raiseFirewall(firewall))
        guard !machine.context.hasProgram("nft") else { return }
        for old in present where old.kind == .nftables { try machine.perform(.lowerFirewall(old.firewall)) }
    }

    /// Removes a default route, as far as it exists.
    static func lower(
        _ family: IPAddress.Family, _ mark: UInt32, of found: InterfaceSnapshot, _ machine: inout Machine
    ) throws(QuickFailure) {
        let rules = found.rules(mark, family)
        // By priority: a new default route may have added equal rules.
        for rule in [rules.unmarked, rules.withoutDefault] {
            guard let rule, let planned = PlannedRule(rule) else { continue }
            try machine.perform(.removeRule(planned, priority: rule.priority))
        }
        // The kernel may have removed it with the last address.
        guard let route = found.defaultRoute(mark, family) else { return }
        try machine.perform(.removeRoute(PlannedRoute(route)), unless: .noProcess)
    }
}

extension Machine {
    /// Whether the interface has this route.
    fileprivate mutating func hasRoute(_ route: PlannedRoute) throws(QuickFailure) -> Bool {
        guard let link = try link() else { return false }
        return try ask("ip route show dev \(name)") { (network) throws(Errno) in
            let table = route.table?.number ?? RouteTable.main
            return try network.routes(route.family, table: table, device: link.index).contains { route.isMet(by: $0) }
        }
    }
}
