internal import ByteText
internal import LinuxNetlink
internal import LinuxSystem
internal import WireGuardControl
internal import WireGuardModel

/// Carries steps out, one after the other, and remembers how to take them back.
struct Machine: ~Copyable {
    let name: InterfaceName
    let context: QuickContext
    /// Only announces.
    let isDry: Bool
    /// Of the namespace that the interface is in.
    var network: RouteConversation
    let backend = BackendSelection()
    /// The link's index; nil if it was not queried, or may have changed.
    var knownIndex: Int32?
    /// The interface's namespace, now or once it is moved; nil for that in which this program was started.
    var namespace: NamespaceName?
    /// The namespace in which this program was started, once it has left it.
    var home: NetworkNamespace?
    /// For a daemon's end: a second in all, in microseconds each.
    private static let mostWaits = 5_000
    private static let wait: UInt32 = 200
    /// What takes back the steps that were carried out, the oldest first.
    private var wayBack: [Step] = []
    /// The signals that stop the work before its next step. They do not stop a roll-back.
    var stopping = StoppingSignals.all
    /// See `lockRules`.
    private var rulesLock: FileLock?
    /// Milliseconds to wait for other runs of ours, which hold the lock as long as the kernel and nft need.
    private static let longestLock = 60_000

    init(for name: InterfaceName, _ context: QuickContext, isDry: Bool = false) throws(QuickFailure) {
        let network: RouteConversation
        do throws(Errno) {
            network = try RouteConversation()
        } catch {
            throw QuickFailure("Unable to talk to the kernel: \(error)")
        }
        self.name = name
        self.context = context
        self.isDry = isDry
        self.network = network
    }

    /// Announces a step and carries it out. Throws, doing nothing, if a signal has asked us to end.
    mutating func perform(_ step: Step) throws(QuickFailure) {
        try heedSignals()
        do throws(QuickFailure) {
            try take(step)
        } catch {
            // A program that the terminal's signal ended as well may have done its work.
            if !isDry, EndRequest.signal != nil, step.isProgram { rememberWayBack(of: step) }
            try heedSignals()
            throw error
        }
        if !isDry { rememberWayBack(of: step) }
    }

    /// The same, for a step that counts as done if the kernel returns this error.
    mutating func perform(_ step: Step, unless refusal: Errno) throws(QuickFailure) {
        do throws(QuickFailure) {
            try perform(step)
        } catch {
            if error.cause != refusal { throw error }
        }
    }

    /// Throws if a signal has asked us to end.
    func heedSignals() throws(QuickFailure) {
        if let signal = stopping.pending { throw QuickFailure(endedBy: signal) }
    }

    private mutating func rememberWayBack(of step: Step) {
        guard var undoing = step.wayBack else { return }
        if case .removeRule(let rule, nil) = undoing, let all = try? rules(rule.family),
            let added = all.first(where: { rule.isMet(by: $0) })
        {
            // By the time of the roll-back, other programs may have added an equal rule.
            undoing = .removeRule(rule, priority: added.priority)
        }
        wayBack.append(undoing)
    }

    /// Locks rules, the tables of default routes and their fwmarks against other runs of ours, until `unlockRules` or
    /// the end of this one. No hook may run meanwhile: it may run wg-quick.
    mutating func lockRules() {
        if isDry || rulesLock != nil { return }
        do throws(Errno) {
            try FileSystem.makeFolder(context.stateFolder, mode: 0o700)
            rulesLock = try FileLock(at: context.stateFolder + "/lock", milliseconds: Self.longestLock)
            if rulesLock == nil { context.warn("Another wg-quick is busy with rules for too long: going on beside it") }
        } catch {
            context.warn("Unable to lock \(context.stateFolder)/lock: \(error)")
        }
    }

    mutating func unlockRules() { rulesLock = nil }

    /// Takes back what was done, the newest first, as far as it goes.
    mutating func rollBack() {
        let isLinkDeleted = wayBack.contains { if case .deleteLink = $0 { true } else { false } }
        for step in wayBack.reversed() where !(isLinkDeleted && step.isPartOfLink) { attempt(step) }
        wayBack = []
    }

    /// Does the same as `perform`, but only reports a failure, and records no roll-back.
    mutating func attempt(_ step: Step) {
        do throws(QuickFailure) {
            try take(step)
        } catch {
            // A link that is gone needs no roll-back.
            if error.cause != .noDevice, !error.description.isEmpty { context.tell(error.description) }
        }
    }

    private mutating func take(_ step: Step) throws(QuickFailure) {
        context.tell("[#] \(step.announcement(for: name))")
        if case .moveLink(let namespace) = step { self.namespace = namespace }
        if isDry { return }
        if step.mayChangeIndex { knownIndex = nil }
        if let program = step.program(for: name, context) { return try run(program) }
        network.forgetExplanation()
        do throws(Errno) {
            try carryOut(step)
        } catch {
            throw failure(step, error)
        }
    }

    private mutating func carryOut(_ step: Step) throws(Errno) {
        switch step {
        case .addLink: try network.addLink(name, kind: "wireguard")
        case .deleteLink: try deleteLink()
        case .moveLink(let namespace): try moveLink(into: namespace)
        case .configure(let update), .synchronize(let update): try backend.set(update)
        case .setMark(let mark):
            var update = DeviceUpdate(name: name)
            update.fwmark = mark
            try backend.set(update)
        case .setEndpoint(let peer, let endpoint):
            var change = PeerUpdate(publicKey: peer)
            (change.updateOnly, change.endpoint) = (true, endpoint)
            var update = DeviceUpdate(name: name)
            update.peers = [change]
            try backend.set(update)
        case .addAddress(let address): try network.addAddress(address.onLink, to: linkIndex())
        case .restoreAddress(let address): try network.addAddress(address, to: linkIndex())
        case .removeAddress(let address): try network.removeAddress(address, from: linkIndex())
        case .bringUp(let mtu): try network.setLink(linkIndex(), mtu: mtu, isUp: true)
        case .bringDown: try network.setLink(linkIndex(), isUp: false)
        case .setMTU(let mtu): try network.setLink(linkIndex(), mtu: mtu)
        case .addRoute(let route): try network.addRoute(route.route(device: linkIndex()))
        case .removeRoute(let route): try network.removeRoute(route.route(device: linkIndex()))
        case .addBarrier(let barrier): try network.addRoute(barrier.route)
        case .removeBarrier(let barrier): try network.removeRoute(barrier.route)
        case .addRule(let rule, let priority): try network.addRule(rule.rule(priority: priority))
        case .removeRule(let rule, let priority): try network.removeRule(rule.rule(priority: priority))
        case .setSysctl(let key, let value, _): try Sysctl.write(value, to: key.slashed)
        case .setDNS(.namespaceFile(let path), let settings):
            try NamespaceResolver(path: path, interface: name).set(settings)
        case .unsetDNS(.namespaceFile(let path)): try NamespaceResolver(path: path, interface: name).unset()
        case .startDaemon, .raiseFirewall, .lowerFirewall, .setDNS, .unsetDNS, .hook: break
        }
    }

    /// Where a daemon has it, until that has let go of its port: the interface may be wanted again at once.
    private mutating func deleteLink() throws(Errno) {
        let isServed = UAPIBackend().isServed(name)
        try LinkRemoval.remove(linkIndex())
        if isServed { awaitDaemonEnd() }
    }

    /// Waits for the daemon: when its interface is gone it ends by itself, and removes its socket.
    func awaitDaemonEnd() {
        let daemons = UAPIBackend()
        var waits = Self.mostWaits
        while waits > 0, daemons.hasSocket(name) {
            Clock.sleep(microseconds: Self.wait)
            waits -= 1
        }
    }

    /// Queried once: there may be thousands of routes to add.
    private mutating func linkIndex() throws(Errno) -> Int32 {
        if let knownIndex { return knownIndex }
        guard let link = try network.link(named: name) else { throw .noDevice }
        knownIndex = link.index
        return link.index
    }

    /// From here on this program is in the namespace as well.
    private mutating func moveLink(into namespace: NamespaceName) throws(Errno) {
        let target = try namespace.open()
        try network.moveLink(linkIndex(), to: target)
        try go(to: target)
    }

    private func run(_ call: Program) throws(QuickFailure) {
        let result: ProgramResult
        do throws(Errno) {
            result = try call.run()
        } catch {
            throw QuickFailure("\(call.arguments[0]): \(error)", status: 127)
        }
        // It has said itself why.
        if !result.ending.isSuccess { throw QuickFailure("", status: Int32(result.ending.shellStatus)) }
    }

    private func failure(_ step: Step, _ error: Errno) -> QuickFailure {
        let words = network.explanation.map { " (\($0))" } ?? ""
        return QuickFailure(
            "\(step.announcement(for: name)): \(error)\(words)", status: error == .noDevice ? 1 : step.failureStatus,
            cause: error)
    }
}

extension ByteString {
    /// A sysctl's dotted name as a path below /proc/sys. A name with slashes is a path already.
    var slashed: ByteString {
        bytes.contains(ASCII.slash) ? self : ByteString(bytes.map { $0 == UInt8(ascii: ".") ? ASCII.slash : $0 })
    }
}
