internal import ByteText
internal import LinuxSystem
internal import WireGuardModel

/// The firewall as rules for iptables(8), which their comment tells from others.
enum IptablesFirewall {
    static func firewall(_ plan: FirewallPlan) -> Firewall {
        let rules = rules(plan)
        return Firewall(
            raising: change(script(rules, "-I"), plan.family), lowering: change(script(rules, "-D"), plan.family))
    }

    /// What an earlier `up` left of either family.
    static func remains(of name: InterfaceName) -> [Firewall] {
        [IPAddress.Family.v4, .v6].compactMap { family in
            var listing = Program(family.prefix + "-save")
            listing.output = .captured
            guard let result = try? listing.run(), result.ending.isSuccess,
                let deletions = deletions(result.output, name)
            else { return nil }
            let change = change(deletions, family)
            return Firewall(raising: change, lowering: change)
        }
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

    /// From a listing: its tables, with a deletion for each rule of ours; nil where there is none.
    private static func deletions(_ listing: ByteString, _ name: InterfaceName) -> String? {
        let ours = "-m comment --comment \"\(comment(name))\""
        var script = ""
        var found = false
        for line in listing.description.split(separator: "\n") {
            if line.hasPrefix("*") || line == "COMMIT" {
                script += "\(line)\n"
            } else if line.hasPrefix("-A"), line.contains(ours) {
                script += "-D\(line.dropFirst(2))\n"
                found = true
            }
        }
        return found ? script : nil
    }

    private static func comment(_ name: InterfaceName) -> String { "wg-quick(8) rule for \(name)" }

    private static func change(_ script: String, _ family: IPAddress.Family) -> FirewallChange {
        let program = family.prefix + "-restore"
        return FirewallChange(
            command: "\(program) -n", arguments: [program, "-n"], input: ByteString(script))
    }
}

extension IPAddress.Family {
    /// What the names of the family's programs begin with.
    fileprivate var prefix: ByteString { self == .v4 ? "iptables" : "ip6tables" }
}
