internal import LinuxNetlink
internal import WireGuardModel

/// The two rules of one tunnel's default route of one family, as the kernel has them; nil for one that is missing.
///
/// Several tunnels have a rule ``PlannedRule/withoutDefault(_:)`` each, all alike but for the priority. The one of a
/// tunnel stands in front of its ``PlannedRule/unmarked(_:_:)``, with no other tunnel's in between: the kernel gives
/// each new rule a priority below all others, and `up` adds this one second.
struct TunnelRules: Equatable {
    let unmarked: Rule?
    let withoutDefault: Rule?
    /// Where a missing one belongs, so that both are a pair again; nil lets the kernel choose.
    let freePriority: UInt32?

    /// `rules` are all of the family, in the kernel's order.
    init(_ mark: UInt32, _ family: IPAddress.Family, among rules: [Rule]) {
        let own = PlannedRule.unmarked(mark, family)
        let other = PlannedRule.withoutDefault(family)
        var unmarked: Rule?
        var found: Rule?
        // The last one without a tunnel's rule behind it so far, and one that another such followed.
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

    /// The steps that remove the two from among `rules`. A priority is told only where another rule like it comes first.
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
    /// Whether it sends packets into some tunnel's table.
    fileprivate var isOfTunnel: Bool { isInverted && mark == table }
}
