internal import ByteText
internal import LinuxNetlink
internal import WireGuardModel

/// The firewall as a table of its own for nft(8).
enum NftablesFirewall {
    static func firewall(_ plan: FirewallPlan) -> Firewall {
        Firewall(
            raising: change(rules(plan)),
            lowering: change("delete table \(plan.family.nftName) \(tableName(plan.name))\n"))
    }

    /// What an earlier `up` left, of both families at once.
    static func remains(of name: InterfaceName) -> [Firewall] {
        let all = (try? PacketFilterTable.all()) ?? []
        let ours = all.filter { $0.name == ByteString(tableName(name)) }
        if ours.isEmpty { return [] }
        let lowering = change(ours.map { "delete table \($0.family) \($0.name)\n" }.joined())
        return [Firewall(raising: lowering, lowering: lowering)]
    }

    private static func tableName(_ name: InterfaceName) -> String { "wg-quick-\(name)" }

    private static func change(_ script: String) -> FirewallChange {
        FirewallChange(command: "nft -f /dev/fd/63", arguments: ["nft", "-f", "-"], input: ByteString(script))
    }

    private static func rules(_ plan: FirewallPlan) -> String {
        let table = "\(plan.family.nftName) \(tableName(plan.name))"
        let destination = plan.family == .v4 ? "ip" : "ip6"
        var script = """
            add table \(table)
            add chain \(table) preraw { type filter hook prerouting priority -300; }
            add chain \(table) premangle { type filter hook prerouting priority -150; }
            add chain \(table) postmangle { type filter hook postrouting priority -150; }

            """
        for address in plan.addresses {
            script += "add rule \(table) preraw iifname != \"\(plan.name)\" \(destination) daddr \(address.words) "
            script += "fib saddr type != local drop\n"
        }
        script += "add rule \(table) postmangle meta l4proto udp mark \(plan.mark) ct mark set mark\n"
        script += "add rule \(table) premangle meta l4proto udp meta mark set ct mark\n"
        return script
    }
}

extension IPAddress.Family {
    /// nft's name of the family.
    fileprivate var nftName: String { self == .v4 ? "ip" : "ip6" }
}
