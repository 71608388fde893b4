internal import ByteText
internal import LinuxNetlink
internal import LinuxSystem
internal import WireGuardKeys
internal import WireGuardModel

/// `wg-quick reload`: brings an interface that is up to what its file says now.
///
/// Only what differs is touched, and no session ends: peers that stay keep theirs. Hooks are not run.
enum ReloadCommand {
    static func run(_ options: QuickOptions, _ context: QuickContext) throws(QuickFailure) {
        let name = try context.configurationName(options)
        let file = try QuickFile(reading: name)
        var machine = try Machine(for: name.interface, context, isDry: options.isDry)
        let state = RunState(of: name.interface, context)
        // Both are asked where the tunnel's own packets go, which is not where the interface may be.
        let update = try machine.configuration(file, isTolerant: options.isTolerant)
        let mtu = try machine.suitableMTU(file.settings, update)
        if let namespace = state.namespace { try machine.enter(namespace) }
        let device = try machine.device()
        let plan = try ReloadPlan(
            device, update, file.settings, AppliedSettings(of: name.interface, context),
            plainDefaults: state.namespace != nil, &machine)
        var reload = Reload(
            settings: file.settings, update: update, device: device, mtu: mtu, plan: plan, machine: machine)
        try reload.run()
    }
}

/// The steps of `reload`: what goes, then the peers, then what comes.
private struct Reload: ~Copyable {
    let settings: QuickSettings
    let update: DeviceUpdate
    let device: Device
    let mtu: UInt32
    let plan: ReloadPlan
    var machine: Machine

    mutating func run() throws(QuickFailure) {
        do throws(QuickFailure) {
            try performSteps()
        } catch {
            machine.rollBack()
            throw error
        }
        if !machine.isDry { AppliedSettings(settings).remember(machine.name, machine.context) }
    }

    private mutating func performSteps() throws(QuickFailure) {
        try lowerDefaultRoutes()
        try removeRoutes()
        if let change = DeviceUpdate.difference(from: device, to: update, fwmark: plan.fileMark) {
            try machine.perform(.synchronize(change))
        }
        let hasNewAddresses = try bringAddresses()
        if let link = try machine.link(), link.mtu != mtu { try machine.perform(.setMTU(mtu)) }
        try bringDNS()
        try addRoutes()
        if hasNewAddresses { try renewFirewalls() }
        try DefaultRoutes(plan.risingFamilies, fileMark: plan.mark).raise(&machine, settings)
    }
}

// MARK: Addresses, DNS

extension Reload {
    /// New ones come before old ones go: with its last IPv4 address a link loses its routes.
    private mutating func bringAddresses() throws(QuickFailure) -> Bool {
        let present = try machine.addresses()
        let wanted = Set(settings.addresses.map(\.onLink))
        let missing = settings.addresses.filter { !present.contains($0.onLink) }
        let stale = present.filter { !wanted.contains($0) && !$0.isAutomatic }
        for address in missing { try machine.perform(.addAddress(address)) }
        for address in stale { try machine.perform(.removeAddress(ConfiguredAddress(address))) }
        if stale.isEmpty || machine.isDry { return !missing.isEmpty || !stale.isEmpty }
        // With the first address of a network the kernel drops the others there.
        let left = try machine.addresses()
        for address in settings.addresses where !left.contains(address.onLink) {
            try machine.perform(.addAddress(address))
        }
        return true
    }

    private mutating func bringDNS() throws(QuickFailure) {
        if let applied = plan.applied, applied.dns == settings.dns { return }
        if !settings.dns.servers.isEmpty {
            try machine.perform(.setDNS(Resolver.find(machine.context), settings.dns))
        } else if let applied = plan.applied, !applied.dns.servers.isEmpty {
            try machine.perform(.unsetDNS(Resolver.find(machine.context)))
        }
    }
}

// MARK: Routes

extension Reload {
    private mutating func removeRoutes() throws(QuickFailure) {
        guard let first = plan.staleRoutes.first else { return }
        let present = try machine.ownRoutes(in: first.table)
        for route in plan.staleRoutes where present.contains(route.destination) {
            try machine.perform(.removeRoute(route))
        }
    }

    private mutating func addRoutes() throws(QuickFailure) {
        if let first = plan.wantedRoutes.first { try addRoutes(in: first.table) }
        // Lost where all addresses of the family went.
        for route in plan.stayingFamilies.map({ PlannedRoute.default($0, table: device.fwmark) })
        where try !machine.ownRoutes(in: route.table).contains(route.destination) {
            try machine.perform(.addRoute(route))
        }
    }

    /// All wanted ones are in the same.
    private mutating func addRoutes(in table: PlannedTable?) throws(QuickFailure) {
        let present = try machine.ownRoutes(in: table)
        let connected = try table == nil ? machine.connectedNetworks(settings) : []
        for route in plan.wantedRoutes where !present.contains(route.destination) {
            if connected.contains(where: { $0.contains(route.destination) }) { continue }
            try machine.perform(.addRoute(route))
        }
    }

    private mutating func lowerDefaultRoutes() throws(QuickFailure) {
        for family in plan.fallingFamilies {
            try machine.perform(.removeRule(.unmarked(device.fwmark, family)))
            try machine.perform(.removeRule(.withoutDefault(family)))
            try machine.perform(.removeRoute(.default(family, table: device.fwmark)))
            try machine.perform(.lowerFirewall(firewall(family)))
        }
        if plan.dropsMark { try machine.perform(.setMark(0)) }
    }

    /// Their rules name the interface's addresses.
    private mutating func renewFirewalls() throws(QuickFailure) {
        for family in plan.stayingFamilies {
            let firewall = try firewall(family)
            try machine.perform(.lowerFirewall(firewall))
            try machine.perform(.raiseFirewall(firewall))
        }
    }

    private mutating func firewall(_ family: IPAddress.Family) throws(QuickFailure) -> Firewall {
        let addresses = try machine.addresses(family, or: settings)
        return try Firewall.make(
            FirewallPlan(name: machine.name, family: family, mark: device.fwmark, addresses: addresses),
            machine.context)
    }
}
