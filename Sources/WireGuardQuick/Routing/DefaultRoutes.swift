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

    init(_ families: [IPAddress.Family], fileMark: UInt32?) { (self.families, self.fileMark) = (families, fileMark) }

    func raise(_ machine: inout Machine, _ settings: QuickSettings) throws(QuickFailure) {
        if families.isEmpty { return }
        let mark = try mark(&machine)
        for family in families { try raise(family, mark, &machine, settings) }
    }

    private func mark(_ machine: inout Machine) throws(QuickFailure) -> UInt32 {
        if let fileMark, fileMark != 0 { return fileMark }
        let mark = try machine.ask("ip route show table \(Self.firstTable)") { (network) throws(Errno) in
            var table = Self.firstTable
            while try network.hasRoutes(inTable: table) { table += 1 }
            return table
        }
        try machine.perform(.setMark(mark))
        return mark
    }

    private func raise(
        _ family: IPAddress.Family, _ mark: UInt32, _ machine: inout Machine, _ settings: QuickSettings
    ) throws(QuickFailure) {
        try machine.perform(.addRule(.unmarked(mark, family)))
        try machine.perform(.addRule(.withoutDefault(family)))
        try machine.perform(.addRoute(.default(family, table: mark)))
        if family == .v4 { try acceptMarkedAnswers(&machine) }
        let plan = try FirewallPlan(
            name: machine.name, family: family, mark: mark, addresses: machine.addresses(family, or: settings))
        try machine.perform(.raiseFirewall(Firewall.make(plan, machine.context)))
    }

    /// The reverse path filter shall look at the mark too.
    private func acceptMarkedAnswers(_ machine: inout Machine) throws(QuickFailure) {
        let name: ByteString = "net.ipv4.conf.all.src_valid_mark"
        let before = try machine.ask("sysctl \(name)") { (_) throws(Errno) in
            try Sysctl.read("net/ipv4/conf/all/src_valid_mark")
        }
        if before != "1" { try machine.perform(.setSysctl(name, to: "1", from: before)) }
    }
}
