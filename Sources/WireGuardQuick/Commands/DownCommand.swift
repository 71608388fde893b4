internal import ByteText
internal import LinuxNetlink
internal import LinuxSystem
internal import WireGuardModel

/// `wg-quick down`: takes back what `up` did.
enum DownCommand {
    static func run(_ options: QuickOptions, _ context: QuickContext) throws(QuickFailure) {
        let name = try context.configurationName(options)
        let file = try QuickFile(toTakeDown: name)
        let context = context.running(hooksOf: file)
        let machine = try Machine(for: name.interface, context, isDry: options.isDry)
        var down = Down(file: file, machine: machine)
        try down.run()
    }
}

/// The steps of `down`, in their order.
///
/// Until PreDown has run, a failure or a signal leaves the interface up and unchanged. From then on every step is
/// tried, and failures are reported at the end.
private struct Down: ~Copyable {
    let file: QuickFile
    var machine: Machine
    private var failures: [QuickFailure] = []

    init(file: consuming QuickFile, machine: consuming Machine) {
        self.file = file
        self.machine = machine
    }

    private var settings: QuickSettings { file.settings }

    mutating func run() throws(QuickFailure) {
        machine.stopping = .requests
        let state = RunState(of: machine.name, machine.context)
        if let namespace = state.namespace {
            if state.isNamespaceGone { return forget(namespace, state) }
            try machine.enter(namespace)
        }
        let device = try machine.device()
        try machine.runHooks(settings.preDown)
        try machine.heedSignals()
        machine.stopping = .none
        saveIfWanted()
        takeDown(device)
        if !machine.isDry {
            state.forget()
            AppliedNotes.forget(machine.name, machine.context)
        }
        runPostDown()
        try tellFailures()
    }

    private mutating func takeDown(_ device: Device) {
        machine.lockRules()
        removeRules(device)
        attempt(.deleteLink)
        collect { (down) throws(QuickFailure) in
            for barrier in try Barrier.remains(&down.machine) { down.attempt(.removeBarrier(barrier)) }
        }
        unsetDNS()
        for firewall in Firewall.remains(of: machine.name, machine.context) { attempt(.lowerFirewall(firewall)) }
        machine.unlockRules()
    }

    /// Removes the rules of default routes that `up` or `reload` raised.
    private mutating func removeRules(_ device: Device) {
        for mark in marks(device) {
            for family in [IPAddress.Family.v4, .v6] { removeRules(device, mark, family) }
        }
    }

    /// The fwmarks of our default routes, by the notes: a rule alone may be the user's. An interface that the script
    /// brought up has no notes: its own fwmark counts if a peer may have any address.
    private func marks(_ device: Device) -> [UInt32] {
        let notes = AppliedNotes(machine.name, machine.context)
        if notes.addresses != nil { return Set(notes.marks).sorted() }
        let isRaised = device.hasDefaultRoute(.v4) || device.hasDefaultRoute(.v6)
        return settings.table == .auto && device.fwmark != 0 && isRaised ? [device.fwmark] : []
    }

    private mutating func removeRules(_ device: Device, _ mark: UInt32, _ family: IPAddress.Family) {
        collect { (down) throws(QuickFailure) in
            let own = PlannedRule.unmarked(mark, family)
            var rules = try down.machine.rules(family)
            // If the tunnel's own rule is missing, only a default route tells that the other rule may be the tunnel's.
            if !rules.contains(where: own.isMet), !device.hasDefaultRoute(family) { return }
            repeat {
                let tunnel = TunnelRules(mark, family, among: rules)
                for removal in tunnel.removals(from: rules) { down.attempt(removal) }
                rules.removeAll { $0 == tunnel.unmarked || $0 == tunnel.withoutDefault }
            } while rules.contains(where: own.isMet)
        }
    }

    /// Cleans up after a deleted namespace. Hooks are not run: they belong there, and may do harm elsewhere.
    private mutating func forget(_ namespace: NamespaceName, _ state: RunState) {
        let context = machine.context
        context.warn("Namespace \(namespace) is gone, and \(machine.name) with it: hooks are left out")
        if !settings.dns.servers.isEmpty, let file = namespace.resolverFile { unsetDNS(.namespaceFile(file)) }
        if machine.isDry { return }
        machine.awaitDaemonEnd()
        state.forget()
        AppliedNotes.forget(machine.name, context)
    }

    /// A resolver that has dropped the link by itself, or is gone, is no failure.
    private mutating func unsetDNS(_ known: Resolver? = nil) {
        if settings.dns.servers.isEmpty { return }
        do throws(QuickFailure) {
            let resolver = if let known { known } else { try machine.resolver() }
            if let resolver { try machine.perform(.unsetDNS(resolver)) }
        } catch {
            if !error.description.isEmpty { machine.context.tell(error.description) }
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

// MARK: Failures

extension Down {
    /// An error in saving the file does not stop `down`.
    private mutating func saveIfWanted() {
        if !settings.savesConfig { return }
        do throws(QuickFailure) {
            try SaveCommand.save(file.name, &machine)
        } catch {
            failures.append(QuickFailure("Not saved: \(error)", status: error.status))
        }
    }

    /// Runs the PostDown hooks. No hook starts after a signal has asked us to end.
    private mutating func runPostDown() {
        machine.stopping = .requests
        collect { (down) throws(QuickFailure) in try down.machine.runHooks(down.settings.postDown) }
    }

    private mutating func attempt(_ step: Step) {
        collect { (down) throws(QuickFailure) in try down.machine.perform(step) }
    }

    private mutating func collect(_ work: (inout Down) throws(QuickFailure) -> Void) {
        do throws(QuickFailure) {
            try work(&self)
        } catch {
            failures.append(error)
        }
    }

    /// Throws one failure for all; a signal takes precedence.
    private func tellFailures() throws(QuickFailure) {
        let texts = failures.map(\.description).filter { !$0.isEmpty }
        if let signal = StoppingSignals.all.pending {
            for text in texts { machine.context.tell("\(machine.context.program): \(text)") }
            throw QuickFailure(endedBy: signal)
        }
        if let first = failures.first {
            throw QuickFailure(texts.joined(separator: "\n"), status: first.status)
        }
    }
}
