internal import ByteText
internal import LinuxNetlink
internal import LinuxSystem
internal import WireGuardModel
internal import WireGuardText

/// The firewall as rules for iptables(8), which their comment tells from others.
enum IptablesFirewall {
    static func firewall(_ plan: FirewallPlan) -> Firewall {
        let rules = rules(plan)
        return Firewall(
            raising: change(script(rules, "-I"), plan.family), lowering: change(script(rules, "-D"), plan.family))
    }

    /// Lists the existing firewalls of both families. Runs no program for a family without any of the tables.
    static func present(
        of name: InterfaceName, _ tables: [PacketFilterTable]
    ) throws(QuickFailure) -> [PresentFirewall] {
        var found: [PresentFirewall] = []
        for family in [IPAddress.Family.v4, .v6] where family.mayHaveRules(tables) {
            let program = family.prefix + "-save"
            var listing = Program(program)
            listing.output = .captured
            guard let result = try? listing.run(), result.ending.isSuccess else {
                throw QuickFailure("Unable to list the packet filter's rules by \(program)")
            }
            if let rules = present(family, result.output.description, name) { found.append(rules) }
        }
        return found
    }

    private struct Rule {
        let table: String
        let chain: String
        let text: String
    }

    private static func rules(_ plan: FirewallPlan) -> [Rule] {
        let comment = "-m comment --comment \"\(comment(plan.name))\""
        let guards = plan.addresses.map { address in
            let condition = "! -i \(plan.name) -d \(address.words) -m addrtype ! --src-type LOCAL"
            return Rule(table: "raw", chain: "PREROUTING", text: "\(condition) -j DROP \(comment)")
        }
        let saving = "-m mark --mark \(plan.mark) -p udp -j CONNMARK --save-mark \(comment)"
        let restoring = "-p udp -j CONNMARK --restore-mark \(comment)"
        return guards + [
            Rule(table: "mangle", chain: "POSTROUTING", text: saving),
            Rule(table: "mangle", chain: "PREROUTING", text: restoring),
        ]
    }

    /// In the form that iptables-restore reads.
    private static func script(_ rules: [Rule], _ option: String) -> String {
        var script = ""
        for table in ["raw", "mangle"] {
            script += "*\(table)\n"
            for rule in rules where rule.table == table { script += "\(option) \(rule.chain) \(rule.text)\n" }
            script += "COMMIT\n"
        }
        return script
    }

    /// Parses a listing; nil if none of its rules is ours.
    private static func present(
        _ family: IPAddress.Family, _ listing: String, _ name: InterfaceName
    ) -> PresentFirewall? {
        let ours = "-m comment --comment \"\(comment(name))\""
        var (additions, deletions) = ("", "")
        var mark: UInt32?
        var addresses: Set<IPAddress> = []
        var count = 0
        for line in listing.split(separator: "\n") {
            if line.hasPrefix("*") || line == "COMMIT" {
                additions += "\(line)\n"
                deletions += "\(line)\n"
            } else if line.hasPrefix("-A"), line.contains(ours) {
                additions += "\(line)\n"
                deletions += "-D\(line.dropFirst(2))\n"
                count += 1
                let words = line.split(separator: " ")
                if let address = words.following("-d").flatMap(IPAddress.init(iptables:)), !address.isLinkLocal {
                    addresses.insert(address)
                }
                mark = words.following("--mark").flatMap { UInt32(nft: $0) } ?? mark
            }
        }
        if count == 0 { return nil }
        return PresentFirewall(
            kind: .iptables, family: family,
            firewall: Firewall(raising: change(additions, family), lowering: change(deletions, family)), mark: mark,
            addresses: addresses, count: count)
    }

    private static func comment(_ name: InterfaceName) -> String { "wg-quick(8) rule for \(name)" }

    private static func change(_ script: String, _ family: IPAddress.Family) -> FirewallChange {
        let program = family.prefix + "-restore"
        return FirewallChange(
            command: "\(program) -n", arguments: [program, "-n"], input: ByteString(script))
    }
}

extension IPAddress {
    /// Parses a host address as iptables-save prints it: 10.0.0.1/32.
    fileprivate init?(iptables word: Substring) {
        self.init(text: ByteString(String(word.prefix { $0 != "/" })).span)
    }
}

extension IPAddress.Family {
    /// What the names of the family's programs begin with.
    fileprivate var prefix: ByteString { self == .v4 ? "iptables" : "ip6tables" }

    /// Whether the kernel has one of the tables of our rules: in the legacy packet filter, which lists its tables in
    /// /proc, or in nftables, where iptables-nft keeps its rules.
    fileprivate func mayHaveRules(_ tables: [PacketFilterTable]) -> Bool {
        let family: ByteString = self == .v4 ? "ip" : "ip6"
        let names: Set<ByteString> = ["raw", "mangle"]
        if tables.contains(where: { $0.family == family && names.contains($0.name) }) { return true }
        guard let used = try? FileSystem.read("/proc/net/" + family + "_tables_names") else {
            return false
        }
        return used.bytes.split(separator: ASCII.newline).contains { names.contains(ByteString(Array($0))) }
    }
}
