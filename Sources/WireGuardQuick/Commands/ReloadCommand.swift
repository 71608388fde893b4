internal import ByteText
internal import LinuxNetlink
internal import LinuxSystem
internal import WireGuardModel

/// `wg-quick reload`: brings an interface that is up to what its file says now.
///
/// Changes only what differs, and ends no session of a peer that stays. Hooks are not run, and their effects stay.
enum ReloadCommand {
    static func run(_ options: QuickOptions, _ context: QuickContext) throws(QuickFailure) {
        let name = try context.configurationName(options)
        let file = try QuickFile(reading: name)
        try file.check(context.sources)
        var machine = try Machine(for: name.interface, context, isDry: options.isDry)
        let notes = AppliedNotes(name.interface, context)
        let namespace = RunState(of: name.interface, context).namespace
        // Names are looked up, and routes to endpoints found, in the namespace of the tunnel's own packets. The
        // interface itself may be in another.
        let device = try machine.visit(namespace) { (machine) throws(QuickFailure) in try machine.device() }
        let update = try file.update(of: device, notes, context, isTolerant: options.isTolerant)
        let suitable = try machine.suitableMTU(file.settings, update)
        if let namespace { try machine.enter(namespace) }
        machine.lockRules()
        let found = try InterfaceSnapshot(&machine)
        let mtu = MTUChoice(file.settings, suitable: suitable, now: found.link.mtu, applied: notes.mtus)
        let plan = try ReloadPlan(
            update, file.settings, notes, found, plainDefaults: namespace != nil, &machine)
        try mtu.check(file.settings, plan)
        var reload = Reload(
            settings: file.settings, update: update, found: found, mtu: mtu, plan: plan, notes: notes,
            machine: machine)
        try reload.run(AppliedSettings(file, mtu: suitable, mark: plan.mark))
    }
}

/// The steps of `reload`, in an order in which a route that stays is never missing.
private struct Reload: ~Copyable {
    let settings: QuickSettings
    let update: DeviceUpdate
    /// The state of the interface before the first step.
    let found: InterfaceSnapshot
    let mtu: MTUChoice
    let plan: ReloadPlan
    let notes: AppliedNotes
    var machine: Machine
    /// The barriers to remove at the end: those that an earlier `reload` left, and those of this one.
    private var barriers: [Barrier]
    private var isDNSChanging = false

    init(
        settings: QuickSettings, update: DeviceUpdate, found: InterfaceSnapshot, mtu: MTUChoice, plan: ReloadPlan,
        notes: AppliedNotes, machine: consuming Machine
    ) {
        self.settings = settings
        self.update = update
        self.found = found
        self.mtu = mtu
        self.plan = plan
        self.notes = notes
        barriers = found.barriers
        self.machine = machine
    }

    /// `applied` are the settings for the notes.
    mutating func run(_ applied: AppliedSettings) throws(QuickFailure) {
        if !machine.isDry { notes.begin(applied) }
        do throws(QuickFailure) {
            try performSteps()
            try machine.heedSignals()
        } catch {
            takeBack()
            throw error
        }
        if !machine.isDry { notes.finish(applied) }
    }

    /// Old routes are removed before the peers with their allowed-ips, and new ones added after theirs: after a
    /// `reload` that was killed, the interface's allowed-ips tell which routes are its own.
    private mutating func performSteps() throws(QuickFailure) {
        try setLink()
        try bringAddresses()
        for route in plan.staleRoutes {
            // The kernel may have removed it with an address.
            try machine.perform(.removeRoute(PlannedRoute(route)), unless: .noProcess)
        }
        try bringDevice()
        try addRoutes()
        try raiseDefaultRoutes()
        try bringDNS()
        try lowerDefaultRoutes()
        for barrier in barriers { try machine.perform(.removeBarrier(barrier)) }
    }

    private mutating func takeBack() {
        if machine.isDry { return }
        machine.restore(found)
        if isDNSChanging { restoreDNS() }
        notes.takeBack()
    }

    private mutating func setLink() throws(QuickFailure) {
        if !found.link.isUp {
            try machine.perform(.bringUp(mtu: mtu.bytes))
        } else if mtu.bytes != found.link.mtu {
            try machine.perform(.setMTU(mtu.bytes))
        }
    }

    /// The fwmark of default routes is set in their own steps.
    private mutating func bringDevice() throws(QuickFailure) {
        let hasMark = plan.mark != 0 || !plan.fallen.isEmpty
        let mark = hasMark ? nil : plan.finalMark
        guard let change = DeviceUpdate.difference(from: found.device, to: update, fwmark: mark) else { return }
        try machine.perform(.synchronize(change))
    }
}

// MARK: Addresses, DNS

extension Reload {
    /// New ones come before old ones go: with its last IPv4 address a link loses its routes.
    private mutating func bringAddresses() throws(QuickFailure) {
        let wanted = settings.addresses.filter { mtu.allows($0.address.family) }
        let change = AddressChange(from: found.addresses, to: wanted, applied: notes.addresses)
        for address in change.unknown {
            machine.context.warn("\(address.words) stays: nothing tells whether wg-quick had added it")
        }
        let isPromoting = change.mayDropAddresses ? beginPromotion() : false
        if change.mayDropRoutes { try raiseBarriers(change, isPromoting: isPromoting) }
        for address in change.missing { try machine.perform(.addAddress(address)) }
        for address in change.stale {
            // The kernel may have removed it with the first address of its network.
            try machine.perform(.removeAddress(address), unless: .addressNotAvailable)
        }
        if isPromoting { try endPromotion() }
        if change.stale.isEmpty || machine.isDry { return }
        // Unless the kernel promotes the other addresses of a network, it removes them with the first one.
        let left = Set(try machine.addresses())
        for address in wanted where !left.contains(address.onLink) { try machine.perform(.addAddress(address)) }
        let own = Set(wanted.map(\.onLink))
        for address in change.staying where !left.contains(address) && !own.contains(address) {
            try machine.perform(.restoreAddress(address))
        }
        try restoreLostRoutes(change)
    }

    /// Makes the kernel promote the next address of a network instead of removing all with the first. Returns whether
    /// it does: a container may not set it.
    private mutating func beginPromotion() -> Bool {
        switch found.promotion {
        case nil: return false
        case "0":
            let step = Step.setSysctl(machine.promotion, to: "1", from: "0")
            do throws(QuickFailure) {
                try machine.perform(step)
                return true
            } catch {
                return false
            }
        default: return true
        }
    }

    private mutating func endPromotion() throws(QuickFailure) {
        guard found.promotion == "0" else { return }
        try machine.perform(.setSysctl(machine.promotion, to: "0", from: "1"))
    }

    private mutating func raiseBarriers(_ change: AddressChange, isPromoting: Bool) throws(QuickFailure) {
        let stale = Set(plan.staleRoutes)
        let mayDropAll = change.mayDropAll(isPromoting: isPromoting)
        let endangered = found.allRoutes.filter { route in
            if route.isConnected { return change.keepsNetwork(route.destination) }
            return mayDropAll && !stale.contains(route)
                && (!plan.lowers(route) || plan.families.contains(.v4))
        }
        let present = Set(barriers)
        for barrier in Barrier.all(of: endangered) where !present.contains(barrier) {
            try machine.perform(.addBarrier(barrier))
            barriers.append(barrier)
        }
    }

    /// Adds the routes that the kernel removed with the link's last IPv4 address, those of hooks too. The kernel
    /// keeps none whose source address was removed.
    private mutating func restoreLostRoutes(_ change: AddressChange) throws(QuickFailure) {
        let index = found.link.index
        let present = try machine.ask("ip -4 route show table all dev \(machine.name)") { (network) throws(Errno) in
            Set(try network.routes(.v4, table: nil, device: index))
        }
        let gone = Set(change.stale.map(\.address))
        let stale = Set(plan.staleRoutes)
        for route in found.routes where route.destination.address.family == .v4 && !present.contains(route) {
            if stale.contains(route) || plan.lowers(route) { continue }
            if let source = route.source, gone.contains(source) { continue }
            try restore(route)
        }
    }

    /// A hook's route may need something that is gone, such as the network of its gateway: that is reported, and no
    /// failure. One of the file's is tried again with its routes.
    private mutating func restore(_ route: Route) throws(QuickFailure) {
        do throws(QuickFailure) {
            try machine.perform(.addRoute(PlannedRoute(route)))
        } catch {
            guard error.cause != nil else { throw error }
            machine.context.warn("Lost with an address: \(error)")
        }
    }

    private mutating func bringDNS() throws(QuickFailure) {
        if notes.dns == settings.dns { return }
        if !settings.dns.servers.isEmpty {
            isDNSChanging = true
            if let resolver = try machine.resolver() { try machine.perform(.setDNS(resolver, settings.dns)) }
        } else if notes.mayHaveDNS {
            isDNSChanging = true
            if let resolver = try machine.resolver() { try machine.perform(.unsetDNS(resolver)) }
        }
    }

    private mutating func restoreDNS() {
        guard let resolver = try? machine.resolver() else { return }
        guard let before = notes.dns else {
            return machine.context.warn("The name servers of before are not known: reload again to set the file's")
        }
        machine.attempt(before.servers.isEmpty ? .unsetDNS(resolver) : .setDNS(resolver, before))
    }
}

// MARK: Routes

extension Reload {
    /// All wanted routes are in the same table.
    private mutating func addRoutes() throws(QuickFailure) {
        guard let first = plan.wantedRoutes.first else { return }
        let present = try machine.destinations(in: first.table)
        let connected = try first.table == nil ? machine.connectedNetworks(settings) : []
        for route in plan.wantedRoutes where !present.contains(route.destination) {
            if connected.contains(where: { $0.contains(route.destination) }) { continue }
            try machine.perform(.addRoute(route))
        }
    }

    private mutating func raiseDefaultRoutes() throws(QuickFailure) {
        if plan.mark == 0 { return }
        for family in plan.families { try DefaultRoutes.raise(family, plan.mark, over: found, &machine) }
        if found.device.fwmark != plan.mark { try machine.perform(.setMark(plan.mark)) }
        for family in plan.families {
            let present = found.firewalls.filter { $0.family == family }
            try DefaultRoutes.raiseFirewall(family, plan.mark, over: present, &machine, settings)
        }
    }

    private mutating func lowerDefaultRoutes() throws(QuickFailure) {
        for (mark, family) in plan.fallen { try DefaultRoutes.lower(family, mark, of: found, &machine) }
        let unwanted = found.firewalls.filter { !plan.families.contains($0.family) }
        for firewall in unwanted { try machine.perform(.lowerFirewall(firewall.firewall)) }
        if plan.mark == 0, !plan.fallen.isEmpty, let mark = plan.finalMark, mark != found.device.fwmark {
            try machine.perform(.setMark(mark))
        }
    }
}
