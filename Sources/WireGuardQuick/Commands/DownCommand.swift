internal import ByteText
internal import LinuxNetlink
internal import LinuxSystem
internal import WireGuardModel

/// `wg-quick down`: takes back what `up` did.
enum DownCommand {
    static func run(_ options: QuickOptions, _ context: QuickContext) throws(QuickFailure) {
        let name = try context.configurationName(options)
        let file = try QuickFile(reading: name)
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
        if settings.savesConfig { try SaveCommand.save(file, &machine) }
        try removeRules(device)
        try machine.perform(.deleteLink)
        if !settings.dns.servers.isEmpty { try machine.perform(.unsetDNS(Resolver.find(machine.context))) }
        for firewall in Firewall.remains(of: machine.name, machine.context) {
            try machine.perform(.lowerFirewall(firewall))
        }
        if !machine.isDry {
            state.forget()
            AppliedSettings.forget(machine.name, machine.context)
        }
        try machine.runHooks(settings.postDown)
    }

    /// Those of default routes, which the mark tells of. Other tunnels have theirs: no rule is removed twice.
    private mutating func removeRules(_ device: Device) throws(QuickFailure) {
        if settings.table != .auto || device.fwmark == 0 { return }
        for family in [IPAddress.Family.v4, .v6] where try machine.hasRule(.unmarked(device.fwmark, family)) {
            try machine.perform(.removeRule(.unmarked(device.fwmark, family)))
            try machine.perform(.removeRule(.withoutDefault(family)))
        }
    }
}
