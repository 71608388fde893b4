internal import ByteText
internal import LinuxNetlink
internal import LinuxSystem
internal import WireGuardModel

extension Firewall {
    /// By nft(8), else by iptables(8). Throws where the machine has neither.
    static func make(_ plan: FirewallPlan, _ context: QuickContext) throws(QuickFailure) -> Firewall {
        if context.hasProgram("nft") { return NftablesFirewall.firewall(plan) }
        if context.hasProgram("iptables") { return IptablesFirewall.firewall(plan) }
        throw QuickFailure("A default route needs nft(8) or iptables(8): install nftables", status: 127)
    }

    /// Steps that take away what an interface has of firewalls. Of both kinds: nft may have been installed since `up`
    /// used iptables.
    static func remains(of name: InterfaceName, _ context: QuickContext) -> [Firewall] {
        let tables = (try? PacketFilterTable.all()) ?? []
        var remains: [Firewall] = []
        if context.hasProgram("nft") { remains += NftablesFirewall.remains(of: name, tables) }
        if context.hasProgram("iptables") {
            remains += ((try? IptablesFirewall.present(of: name, tables)) ?? []).map(\.firewall)
        }
        return remains
    }
}

/// A firewall of one family that stands, and what is to be known of it to tell whether it is the wanted one.
struct PresentFirewall: Equatable {
    enum Kind { case nftables, iptables }

    let kind: Kind
    let family: IPAddress.Family
    /// Raising brings back just what stands now.
    let firewall: Firewall
    let mark: UInt32?
    /// That it guards. Without link-local ones: the kernel may change them at any time.
    let addresses: Set<IPAddress>
    /// How many rules there are in all.
    let count: Int

    /// All of an interface. Throws where they cannot be read: who takes them for missing would raise or leave wrong ones.
    static func all(of name: InterfaceName, _ context: QuickContext) throws(QuickFailure) -> [PresentFirewall] {
        let tables = try tables()
        var all: [PresentFirewall] = []
        if context.hasProgram("nft") { all += try NftablesFirewall.present(of: name, tables) }
        if context.hasProgram("iptables") { all += try IptablesFirewall.present(of: name, tables) }
        return all
    }

    /// None where the kernel has no nftables.
    private static func tables() throws(QuickFailure) -> [PacketFilterTable] {
        do throws(Errno) {
            return try PacketFilterTable.all()
        } catch {
            let absent: [Errno] = [.invalidArgument, .notSupported, .protocolNotSupported, .notFound]
            if absent.contains(error) { return [] }
            throw QuickFailure("nft list tables: \(error)")
        }
    }

    /// Whether it does what one of the `plan` would: it guards the `needed` addresses, and none that the interface has
    /// no more. Those of hooks came behind it at `up`.
    func meets(_ plan: FirewallPlan, needed: Set<IPAddress>, _ context: QuickContext) -> Bool {
        let wanted: Kind = context.hasProgram("nft") ? .nftables : .iptables
        // A rule for each address, and two for the mark. Link-local ones may have come or gone since.
        let linkLocal = max(1, plan.addresses.count { $0.isLinkLocal })
        let counts = (addresses.count + 2)...(addresses.count + 2 + linkLocal)
        return kind == wanted && family == plan.family && mark == plan.mark
            && addresses.isSuperset(of: needed.filter { !$0.isLinkLocal })
            && addresses.isSubset(of: plan.addresses) && counts.contains(count)
    }
}

extension IPAddress {
    /// Of fe80::/10.
    var isLinkLocal: Bool { family == .v6 && high >> 54 == 0x3fa }
}
