internal import ByteText
internal import LinuxNetlink
internal import LinuxSystem
internal import WireGuardModel

/// `wg-quick up`: an interface from nothing to all that its file says.
enum UpCommand {
    static func run(_ options: QuickOptions, _ context: QuickContext) throws(QuickFailure) {
        let name = try context.configurationName(options)
        let file = try QuickFile(reading: name)
        try file.check(context.sources)
        let context = context.running(hooksOf: file)
        let machine = try Machine(for: name.interface, context, isDry: options.isDry)
        var up = Up(file: file, machine: machine, options: options)
        try up.run()
    }
}

/// The steps of `up`, in their order.
private struct Up: ~Copyable {
    let file: QuickFile
    var machine: Machine
    let options: QuickOptions

    private var settings: QuickSettings { file.settings }

    mutating func run() throws(QuickFailure) {
        try checkIsNotThere()
        forgetNotes()
        do throws(QuickFailure) {
            try performSteps()
            try machine.heedSignals()
        } catch {
            machine.rollBack()
            forgetNotes()
            throw error
        }
    }

    /// Throws, too, if the interface was moved to another namespace: without its note no command would find it.
    private mutating func checkIsNotThere() throws(QuickFailure) {
        if try machine.link() != nil { throw QuickFailure("`\(machine.name)' already exists") }
        let state = RunState(of: machine.name, machine.context)
        let noted = state.isNamespaceGone ? nil : state.namespace
        for namespace in [noted, options.namespace].compactMap({ $0 }) {
            let isThere = try machine.visit(namespace) { (machine) throws(QuickFailure) in try machine.link() != nil }
            if isThere { throw QuickFailure("`\(machine.name)' already exists in namespace \(namespace)") }
        }
    }

    /// Those about another interface of this name would lead later commands astray.
    private func forgetNotes() {
        if machine.isDry { return }
        RunState(of: machine.name, machine.context).forget()
        AppliedNotes.forget(machine.name, machine.context)
    }

    private mutating func performSteps() throws(QuickFailure) {
        try LinkMaking.makeLink(&machine)
        // All hooks run in the interface's namespace.
        if let namespace = options.namespace { try move(into: namespace) }
        try machine.runHooks(settings.preUp)
        var update = try Self.configuration(file, isTolerant: options.isTolerant, &machine)
        try machine.perform(.configure(update))
        // A PreUp may have brought peers, or a mark.
        if !settings.preUp.isEmpty, !machine.isDry { update = try DeviceUpdate(machine.device()) }
        let mtu = try mtu(update)
        for address in settings.addresses { try machine.perform(.addAddress(address)) }
        try machine.perform(.bringUp(mtu: mtu))
        try setDNS()
        let mark = try addRoutes(update)
        if !machine.isDry {
            AppliedNotes(machine.name, machine.context).finish(AppliedSettings(file, mtu: mtu, mark: mark))
        }
        try machine.runHooks(settings.postUp)
    }

    /// Names are looked up in the namespace of the tunnel's own packets.
    private static func configuration(
        _ file: borrowing QuickFile, isTolerant: Bool, _ machine: inout Machine
    ) throws(QuickFailure) -> DeviceUpdate {
        try machine.atHome { (machine) throws(QuickFailure) in
            try machine.configuration(file, isTolerant: isTolerant)
        }
    }

    private mutating func mtu(_ update: DeviceUpdate) throws(QuickFailure) -> UInt32 {
        if let mtu = settings.mtu { return mtu }
        return try machine.atHome { (machine) throws(QuickFailure) in
            EndpointMTU.mtu(for: update, &machine.network)
        }
    }

    private mutating func move(into namespace: NamespaceName) throws(QuickFailure) {
        try machine.perform(.moveLink(into: namespace))
        if !machine.isDry { try RunState(of: machine.name, machine.context).remember(namespace) }
    }

    private mutating func setDNS() throws(QuickFailure) {
        // Search domains alone are for nobody to look up.
        if settings.dns.servers.isEmpty { return }
        if let resolver = try machine.resolver() { try machine.perform(.setDNS(resolver, settings.dns)) }
    }

    /// Returns the fwmark of the default routes; 0 for none.
    private mutating func addRoutes(_ update: DeviceUpdate) throws(QuickFailure) -> UInt32 {
        // The tunnel's own packets leave from another namespace: no default route can catch them.
        let plan = try RoutePlan(update.allowedIPs, settings.table, plainDefaults: options.namespace != nil)
        // Those that an address brings along. What is added below covers nothing that follows it, being longer.
        let covered = try plan.table == nil ? machine.destinations() : []
        for route in plan.routes where !covered.contains(where: { $0.contains(route.destination) }) {
            try machine.perform(.addRoute(route))
        }
        let mark = try DefaultRoutes(plan.defaultFamilies, fileMark: update.fwmark).raise(&machine, settings)
        machine.unlockRules()
        return mark
    }
}

extension DeviceUpdate {
    /// What routes, their mark and the MTU follow from.
    fileprivate init(_ device: Device) {
        self.init(name: device.name)
        fwmark = device.fwmark
        peers = device.peers.map { peer in
            var update = PeerUpdate(publicKey: peer.publicKey)
            update.endpoint = peer.endpoint
            update.allowedIPs = ShortList(peer.allowedIPs.map { AllowedIPChange($0) })
            return update
        }
    }
}
