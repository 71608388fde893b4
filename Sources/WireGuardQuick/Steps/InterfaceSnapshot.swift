internal import ByteText
internal import LinuxNetlink
internal import LinuxSystem
internal import WireGuardKeys
internal import WireGuardModel

/// The kernel's state that a `reload` may change. Taken before the first step; if a step fails it is taken again, and
/// the difference is undone, including the kernel's own changes, such as dropping the routes of a link that has lost
/// its last address.
struct InterfaceSnapshot {
    let link: Link
    let device: Device
    let addresses: [InterfaceAddress]
    /// The routes of the link in all tables.
    let allRoutes: [Route]
    /// The rules of both families.
    let rules: [Rule]
    let firewalls: [PresentFirewall]
    let barriers: [Barrier]
    /// The sysctl that ``DefaultRoutes`` sets; nil where it cannot be read.
    let validMark: ByteString?
    /// The link's own `promote_secondaries`, 0 or 1; nil where it cannot be read.
    let promotion: ByteString?

    init(_ machine: inout Machine) throws(QuickFailure) {
        let name = machine.name
        guard let link = try machine.link() else { throw QuickFailure("`\(name)' is not a WireGuard interface") }
        self.link = link
        device = try machine.device()
        addresses = try machine.addresses()
        allRoutes = try machine.ask("ip route show table all dev \(name)") { (network) throws(Errno) in
            try network.routes(.v4, table: nil, device: link.index)
                + network.routes(.v6, table: nil, device: link.index)
        }
        rules = try machine.rules(.v4) + machine.rules(.v6)
        firewalls = try PresentFirewall.all(of: name, machine.context)
        barriers = try Barrier.remains(&machine)
        validMark = try? Sysctl.read(DefaultRoutes.validMark.slashed)
        promotion = try? Sysctl.read(machine.promotion)
    }

    /// The addresses of a family that the kernel did not add by itself, in its order.
    func addresses(_ family: IPAddress.Family) -> [InterfaceAddress] {
        addresses.filter { $0.address.family == family && !$0.isAutomatic }
    }

    /// The routes without connected ones, which the kernel adds with an address.
    var routes: [Route] { allRoutes.filter { !$0.isConnected } }

    func rules(_ mark: UInt32, _ family: IPAddress.Family) -> TunnelRules {
        TunnelRules(mark, family, among: rules.filter { $0.family == family })
    }

    /// The default route of a family in the table of an fwmark; nil if it does not exist.
    func defaultRoute(_ mark: UInt32, _ family: IPAddress.Family) -> Route? {
        let wanted = PlannedRoute.default(family, table: mark)
        return routes.first { wanted.isMet(by: $0) }
    }
}

// MARK: Roll-back

extension Machine {
    /// The sysctl that makes the kernel promote a network's next IPv4 address in place of its first. With slashes: the
    /// name of a link may have dots.
    var promotion: ByteString { "net/ipv4/conf/" + name.text + "/promote_secondaries" }

    /// Restores the interface and its rules. Reports what cannot be restored, and restores the rest.
    ///
    /// Rules that route into the tunnel are restored before others are removed: no packet leaves unencrypted.
    mutating func restore(_ before: InterfaceSnapshot) {
        guard let now = answer({ (machine) throws(QuickFailure) in try InterfaceSnapshot(&machine) }) else { return }
        if now.addresses(.v4) != before.addresses(.v4) { raiseBarriers(before) }
        if before.link.isUp, !now.link.isUp {
            attempt(.bringUp(mtu: before.link.mtu))
        } else if before.link.mtu != now.link.mtu {
            attempt(.setMTU(before.link.mtu))
        }
        restoreAddresses(before, now)
        restoreRoutes(before)
        for rule in before.rules where !now.rules.contains(rule) {
            if let planned = PlannedRule(rule) { attempt(.addRule(planned, priority: rule.priority)) }
        }
        if let change = DeviceUpdate.restoring(before.device, from: now.device) { attempt(.synchronize(change)) }
        for rule in now.rules where !before.rules.contains(rule) {
            if let planned = PlannedRule(rule) { attempt(.removeRule(planned, priority: rule.priority)) }
        }
        restoreFirewalls(before.firewalls, now.firewalls)
        if let old = before.validMark, let new = now.validMark, old != new {
            attempt(.setSysctl(DefaultRoutes.validMark, to: old, from: new))
        }
        if let old = before.promotion, let new = now.promotion, old != new {
            attempt(.setSysctl(promotion, to: old, from: new))
        }
        if !before.link.isUp, now.link.isUp { attempt(.bringDown) }
        let barriers = answer { (machine) throws(QuickFailure) in try Barrier.remains(&machine) } ?? []
        let old = Set(before.barriers)
        for barrier in barriers where !old.contains(barrier) { attempt(.removeBarrier(barrier)) }
    }

    private mutating func raiseBarriers(_ before: InterfaceSnapshot) {
        let present = Set(answer { (machine) throws(QuickFailure) in try Barrier.remains(&machine) } ?? [])
        for barrier in Barrier.all(of: before.allRoutes) where !present.contains(barrier) {
            attempt(.addBarrier(barrier))
        }
    }

    /// Restores the old order, since the kernel selects the first suitable source address. The kernel appends new IPv4
    /// addresses, and prepends IPv6 ones.
    private mutating func restoreAddresses(_ before: InterfaceSnapshot, _ now: InterfaceSnapshot) {
        for family in [IPAddress.Family.v4, .v6] {
            var wanted = before.addresses(family)
            var present = now.addresses(family)
            if family == .v6 {
                wanted.reverse()
                present.reverse()
            }
            let kept = zip(wanted, present).prefix { $0 == $1 }.count
            // Last to first: with the first of a network the kernel may remove the others.
            for address in present[kept...].reversed() { attempt(.removeAddress(address)) }
            for address in wanted[kept...] { attempt(.restoreAddress(address)) }
        }
    }

    private mutating func restoreRoutes(_ before: InterfaceSnapshot) {
        let index = before.link.index
        let found = answer { (machine) throws(QuickFailure) in
            try machine.ask("ip route show") { (network) throws(Errno) in
                try network.routes(.v4, table: nil, device: index) + network.routes(.v6, table: nil, device: index)
            }
        }
        guard let now = found?.filter({ !$0.isConnected }) else { return }
        let (wanted, present) = (Set(before.routes), Set(now))
        for route in now where !wanted.contains(route) { attempt(.removeRoute(PlannedRoute(route))) }
        for route in before.routes where !present.contains(route) { attempt(.addRoute(PlannedRoute(route))) }
    }

    private mutating func restoreFirewalls(_ before: [PresentFirewall], _ now: [PresentFirewall]) {
        if before == now { return }
        for firewall in now where firewall.kind == .iptables || !before.contains(where: { $0.replaces(firewall) }) {
            attempt(.lowerFirewall(firewall.firewall))
        }
        for firewall in before where firewall.kind == .iptables || !now.contains(firewall) {
            attempt(.raiseFirewall(firewall.firewall))
        }
    }

    /// Nil if the query fails, which is reported.
    private mutating func answer<Answer>(_ question: (inout Machine) throws(QuickFailure) -> Answer) -> Answer? {
        do throws(QuickFailure) {
            return try question(&self)
        } catch {
            context.tell(error.description)
            return nil
        }
    }
}

extension PresentFirewall {
    /// Whether raising this one removes the other.
    fileprivate func replaces(_ other: PresentFirewall) -> Bool { kind == other.kind && family == other.family }
}
