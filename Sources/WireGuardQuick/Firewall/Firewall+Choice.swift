internal import ByteText
internal import LinuxSystem
internal import WireGuardModel

extension Firewall {
    /// By nft(8), else by iptables(8). Throws where the machine has neither.
    static func make(_ plan: FirewallPlan, _ context: QuickContext) throws(QuickFailure) -> Firewall {
        if context.hasProgram("nft") { return NftablesFirewall.firewall(plan) }
        if context.hasProgram("iptables") { return IptablesFirewall.firewall(plan) }
        throw QuickFailure("A default route needs nft(8) or iptables(8): install nftables", status: 127)
    }

    /// What an interface's firewalls of an earlier `up` left, as a step that takes it away.
    static func remains(of name: InterfaceName, _ context: QuickContext) -> [Firewall] {
        if context.hasProgram("nft") { return NftablesFirewall.remains(of: name) }
        if context.hasProgram("iptables") { return IptablesFirewall.remains(of: name) }
        return []
    }
}
