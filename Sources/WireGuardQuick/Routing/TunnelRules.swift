internal import LinuxNetlink
internal import WireGuardModel

/// The two rules of a tunnel's default route of one family, as the kernel has them; nil for a missing one.
///
/// Several tunnels each have a rule ``PlannedRule/withoutDefault(_:)``, all equal but for the priority. A tunnel's own
/// precedes its ``PlannedRule/unmarked(_:_:)``, with no other tunnel's in between: the kernel gives each new rule a
/// priority below all others, and `up` adds this one second.
struct TunnelRules: Equatable {
    let unmarked: Rule?
    let withoutDefault: Rule?
    /// The priority for a missing rule that makes both a pair again; nil lets the kernel choose.
    let freePriority: UInt32?

    /// `rules` are all rules of the family, in the kernel's order.
    init(_ mark: UInt32, _ family: IPAddress.Family, among rules: [Rule]) {
        let own = PlannedRule.unmarked(mark, family)
        let other = PlannedRule.withoutDefault(family)
        var unmarked: Rule?
        var found: Rule?
        // The last such rule with no tunnel's rule after it yet, and one that another such rule followed.
        var candidate: Rule?
        var orphan: Rule?
        for rule in rules {
            if other.isMet(by: rule) {
                orphan = orphan ?? candidate
                candidate = rule
            }
            guard rule.isOfTunnel else { continue }
            if unmarked == nil, own.isMet(by: rule) { (unmarked, found) = (rule, candidate) }
            candidate = nil
        }
        self.unmarked = unmarked
        withoutDefault = unmarked == nil ? orphan ?? candidate : found
        freePriority = Self.freePriority(unmarked, withoutDefault, rules)
    }

    /// The steps that remove both rules from `rules`. The priority is given only if another equal rule comes first.
    func removals(from rules: [Rule]) -> [Step] {
        [unmarked, withoutDefault].compactMap { rule in
            guard let rule, let planned = PlannedRule(rule) else { return nil }
            let first = rules.first { planned.isMet(by: $0) }
            return .removeRule(planned, priority: first == rule ? nil : rule.priority)
        }
    }

    private static func freePriority(_ unmarked: Rule?, _ withoutDefault: Rule?, _ rules: [Rule]) -> UInt32? {
        let priority: UInt32
        switch (unmarked?.priority, withoutDefault?.priority) {
        case (let own?, nil) where own > 1: priority = own - 1
        case (nil, let other?): priority = other + 1
        default: return nil
        }
        return rules.contains { $0.priority == priority } ? nil : priority
    }
}

extension Rule {
    /// Whether it sends packets to the table of some tunnel.
    fileprivate var isOfTunnel: Bool { isInverted && mark == table }
}
