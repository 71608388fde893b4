internal import LinuxNetlink
internal import WireGuardModel

/// What sends packets of the machine into the tunnel and the tunnel's own past it.
enum PlannedRule: Equatable {
    /// All but what bears the mark looks into the table of the same number.
    case unmarked(UInt32, IPAddress.Family)
    /// The main table comes first, its default route left out.
    case withoutDefault(IPAddress.Family)

    var family: IPAddress.Family {
        switch self {
        case .unmarked(_, let family), .withoutDefault(let family): family
        }
    }

    var text: String {
        switch self {
        case .unmarked(let mark, _): "not fwmark \(mark) table \(mark)"
        case .withoutDefault: "table main suppress_prefixlength 0"
        }
    }

    /// As much as `ip rule delete` needs to find it.
    var shortText: String {
        switch self {
        case .unmarked(let mark, _): "table \(mark)"
        case .withoutDefault: text
        }
    }

    /// Whether a rule of the kernel is this one, whatever its priority.
    func isMet(by other: Rule) -> Bool { rule.isSame(as: other) }

    func rule(priority: UInt32?) -> Rule {
        var rule = rule
        rule.priority = priority
        return rule
    }

    /// Nil for a rule that is neither.
    init?(_ rule: Rule) {
        if let mark = rule.mark, PlannedRule.unmarked(mark, rule.family).isMet(by: rule) {
            self = .unmarked(mark, rule.family)
        } else if PlannedRule.withoutDefault(rule.family).isMet(by: rule) {
            self = .withoutDefault(rule.family)
        } else {
            return nil
        }
    }

    var rule: Rule {
        switch self {
        case .unmarked(let mark, let family): .unmarked(mark, family, table: mark)
        case .withoutDefault(let family): .mainWithoutDefault(family)
        }
    }
}
