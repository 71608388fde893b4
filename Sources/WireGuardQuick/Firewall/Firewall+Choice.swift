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

    /// The firewalls of an interface, to be removed. Of both kinds: nft may have been installed since `up` used
    /// iptables.
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

/// An existing firewall of one family, with what `reload` compares with the wanted one.
struct PresentFirewall: Equatable {
    enum Kind { case nftables, iptables }

    let kind: Kind
    let family: IPAddress.Family
    /// The rules as they are: raising it restores them.
    let firewall: Firewall
    let mark: UInt32?
    /// The addresses that it guards, without link-local ones: the kernel may change those at any time.
    let addresses: Set<IPAddress>
    /// The number of all its rules.
    let count: Int

    /// All firewalls of an interface. Throws if they cannot be listed, since they must not be taken for missing.
    static func all(of name: InterfaceName, _ context: QuickContext) throws(QuickFailure) -> [PresentFirewall] {
        let tables = try tables()
        var all: [PresentFirewall] = []
        if context.hasProgram("nft") { all += try NftablesFirewall.present(of: name, tables) }
        if context.hasProgram("iptables") { all += try IptablesFirewall.present(of: name, tables) }
        return all
    }

    /// Empty if the kernel has no nftables.
    private static func tables() throws(QuickFailure) -> [PacketFilterTable] {
        do throws(Errno) {
            return try PacketFilterTable.all()
        } catch {
            let absent: [Errno] = [.invalidArgument, .notSupported, .protocolNotSupported, .notFound]
            if absent.contains(error) { return [] }
            throw QuickFailure("nft list tables: \(error)")
        }
    }

    /// Whether it does the same as the `plan`: it guards the `needed` addresses, and none that the interface no longer
    /// has. Addresses of hooks may be missing: `up` raised the firewall before them.
    func meets(_ plan: FirewallPlan, needed: Set<IPAddress>, _ context: QuickContext) -> Bool {
        let wanted: Kind = context.hasProgram("nft") ? .nftables : .iptables
        // One rule for each address, and two for the fwmark. Link-local addresses may have changed since.
        let linkLocal = max(1, plan.addresses.count { $0.isLinkLocal })
        let counts = (addresses.count + 2)...(addresses.count + 2 + linkLocal)
        return kind == wanted && family == plan.family && mark == plan.mark
            && addresses.isSuperset(of: needed.filter { !$0.isLinkLocal })
            && addresses.isSubset(of: plan.addresses) && counts.contains(count)
    }
}

extension IPAddress {
    /// Whether the address is link-local (fe80::/10).
    var isLinkLocal: Bool { family == .v6 && high >> 54 == 0x3fa }
}
