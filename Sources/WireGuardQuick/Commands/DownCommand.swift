internal import ByteText
internal import LinuxNetlink
internal import LinuxSystem
internal import WireGuardModel

/// `wg-quick down`: takes back what `up` did.
enum DownCommand {
    static func run(_ options: QuickOptions, _ context: QuickContext) throws(QuickFailure) {
        let name = try context.configurationName(options)
        let file = try QuickFile(toTakeDown: name)
        let machine = try Machine(for: name.interface, context, isDry: options.isDry)
        var down = Down(file: file, machine: machine)
        try down.run()
    }
}

/// The steps of `down`, in their order.
private struct Down: ~Copyable {
    let file: QuickFile
    var machine: Machine

    private var settings: QuickSettings { file.settings }

    mutating func run() throws(QuickFailure) {
        let state = RunState(of: machine.name, machine.context)
        if let namespace = state.namespace { try machine.enter(namespace) }
        let device = try machine.device()
        try machine.runHooks(settings.preDown)
        if settings.savesConfig { try SaveCommand.save(QuickFile(reading: file.name), &machine) }
        try removeRules(device)
        try machine.perform(.deleteLink)
        try Barrier.clear(&machine)
        unsetDNS()
        for firewall in Firewall.remains(of: machine.name, machine.context) {
            try machine.perform(.lowerFirewall(firewall))
        }
        if !machine.isDry {
            state.forget()
            AppliedNotes.forget(machine.name, machine.context)
        }
        try machine.runHooks(settings.postDown)
    }

    /// A resolver that has forgotten the link by itself, or is gone, is no reason to stop.
    private mutating func unsetDNS() {
        if settings.dns.servers.isEmpty { return }
        do throws(QuickFailure) {
            try machine.perform(.unsetDNS(Resolver.find(machine.context)))
        } catch {
            if !error.description.isEmpty { machine.context.tell(error.description) }
        }
    }

    /// Those of default routes, which the mark tells of.
    private mutating func removeRules(_ device: Device) throws(QuickFailure) {
        if settings.table != .auto || device.fwmark == 0 { return }
        for family in [IPAddress.Family.v4, .v6] {
            let rules = try machine.rules(family)
            let own = PlannedRule.unmarked(device.fwmark, family)
            let count = rules.count { own.isMet(by: $0) }
            if count == 0, !device.hasDefaultRoute(family) { continue }
            for _ in 0..<count { try machine.perform(.removeRule(own)) }
            for _ in 0..<PlannedRule.spareRulesWithoutDefault(among: rules, tunnels: count, family) {
                try machine.perform(.removeRule(.withoutDefault(family)))
            }
        }
    }
}

extension Device {
    fileprivate func hasDefaultRoute(_ family: IPAddress.Family) -> Bool {
        peers.contains { peer in
            peer.allowedIPs.contains { $0.prefixLength == 0 && $0.address.family == family }
        }
    }
}

extension PlannedRule {
    /// How many of the main table's rules no other tunnel needs: each has one for its own.
    fileprivate static func spareRulesWithoutDefault(
        among rules: [Rule], tunnels own: Int, _ family: IPAddress.Family
    ) -> Int {
        let tunnels = rules.count { $0.isInverted && $0.mark == $0.table }
        return max(0, rules.count { PlannedRule.withoutDefault(family).isMet(by: $0) } - (tunnels - own))
    }
}
