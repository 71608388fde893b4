internal import CLinux
package import LinuxSystem
package import WireGuardModel

/// Which packets a routing table is asked about. The kernel goes through the rules in the order of their priority.
package struct Rule: Hashable, Sendable {
    package var family: IPAddress.Family
    /// The lowest comes first. Nil, in a rule to be added, puts it before all but the first.
    package var priority: UInt32?
    /// Whether it is for all packets but those that it describes.
    package var isInverted = false
    package var source: AllowedIP?
    package var destination: AllowedIP?
    /// The packets' mark, in the bits that `mask` has; nil for any. No mask is one of all bits.
    package var mark: UInt32?
    package var mask: UInt32?
    package var table: UInt32
    /// Routes with prefixes of this length and shorter do not count; nil lets all count.
    package var suppressedPrefixLength: UInt32?
    /// Whether it has conditions that are not told here, such as an interface. Never so in one made here.
    package private(set) var hasOtherConditions = false

    /// `ip rule … table TABLE`
    package init(_ family: IPAddress.Family, table: UInt32) {
        self.family = family
        self.table = table
    }

    /// `ip rule … not fwmark MARK table TABLE`
    package static func unmarked(_ mark: UInt32, _ family: IPAddress.Family, table: UInt32) -> Rule {
        var rule = Rule(family, table: table)
        rule.mark = mark
        rule.isInverted = true
        return rule
    }

    /// `ip rule … table main suppress_prefixlength 0`
    package static func mainWithoutDefault(_ family: IPAddress.Family) -> Rule {
        var rule = Rule(family, table: RouteTable.main)
        rule.suppressedPrefixLength = 0
        return rule
    }

    /// The same but for the priority.
    package func isSame(as other: Rule) -> Bool {
        var other = other
        other.priority = priority
        return self == other
    }

    /// Nil for rules that are not IP's, or do something else than ask a table.
    fileprivate init?(_ header: fib_rule_hdr, _ attributes: Span<UInt8>) throws(Errno) {
        guard let family = IPAddress.Family(socketFamily: header.family), Int(header.action) == FR_ACT_TO_TBL else {
            return nil
        }
        self.init(family, table: UInt32(header.table))
        priority = 0
        isInverted = header.flags & UInt32(FIB_RULE_INVERT) != 0
        hasOtherConditions = header.tos != 0
        try NetlinkAttributes.forEach(in: attributes) { type, content throws(Errno) in
            try read(Int(type), content, header)
        }
    }

    private mutating func read(_ type: Int, _ content: Span<UInt8>, _ header: fib_rule_hdr) throws(Errno) {
        switch type {
        case FRA_PRIORITY: priority = try content.number()
        case FRA_SRC: source = try network(content, header.src_len)
        case FRA_DST: destination = try network(content, header.dst_len)
        case FRA_FWMARK: mark = try content.number()
        case FRA_FWMASK: mask = try unlessAllBits(content)
        case FRA_TABLE: table = try content.number()
        case FRA_SUPPRESS_PREFIXLEN: suppressedPrefixLength = try unlessAllBits(content)
        case FRA_SUPPRESS_IFGROUP: hasOtherConditions = try unlessAllBits(content) != nil || hasOtherConditions
        case FRA_IIFNAME, FRA_OIFNAME, FRA_TUN_ID, FRA_UID_RANGE, FRA_IP_PROTO, FRA_SPORT_RANGE, FRA_DPORT_RANGE:
            hasOtherConditions = true
        default: break
        }
    }

    private func network(_ content: Span<UInt8>, _ length: UInt8) throws(Errno) -> AllowedIP {
        let address = try content.address()
        guard address.family == family, let network = AllowedIP(address, prefixLength: length) else {
            throw .protocolError
        }
        return network
    }
}

/// The kernel has -1 for what is not set.
private func unlessAllBits(_ content: Span<UInt8>) throws(Errno) -> UInt32? {
    let number: UInt32 = try content.number()
    return number == .max ? nil : number
}

extension RouteConversation {
    /// The rules that look up a table, in the order in which the kernel tries them. Empty for a family that the kernel
    /// does not know, or has no rules for.
    package mutating func rules(_ family: IPAddress.Family) throws(Errno) -> [Rule] {
        var header = fib_rule_hdr()
        header.family = family.socketFamily
        var request = NetlinkMessage(RTM_GETRULE, flags: NLM_F_DUMP, header)
        do throws(Errno) {
            return try dump(&request) { (header: fib_rule_hdr, attributes) throws(Errno) in
                // A kernel that does not know the family may list all others.
                header.family == family.socketFamily ? try Rule(header, attributes) : nil
            }
        } catch {
            if error == .familyNotSupported || error == .notSupported { return [] }
            throw error
        }
    }

    /// As `ip rule add` does. Throws `exists` for a rule that is there with the same priority.
    package mutating func addRule(_ rule: Rule) throws(Errno) {
        var header = fib_rule_hdr(rule)
        header.action = UInt8(FR_ACT_TO_TBL)
        var request = NetlinkMessage(RTM_NEWRULE, flags: NLM_F_CREATE | NLM_F_EXCL, header)
        request.addAttributes(of: rule)
        try send(&request)
    }

    /// As `ip rule delete` does: removes the first of all those that have what `rule` tells, and maybe more. One that
    /// came from ``rules(_:)`` is told apart by its priority. Throws `notFound` where there is none.
    package mutating func removeRule(_ rule: Rule) throws(Errno) {
        var request = NetlinkMessage(RTM_DELRULE, fib_rule_hdr(rule))
        request.addAttributes(of: rule)
        try send(&request)
    }
}

extension fib_rule_hdr {
    fileprivate init(_ rule: Rule) {
        self.init()
        family = rule.family.socketFamily
        src_len = rule.source?.prefixLength ?? 0
        dst_len = rule.destination?.prefixLength ?? 0
        // The byte is too small for most tables, which FRA_TABLE tells.
        table = UInt8(exactly: rule.table) ?? 0
        flags = rule.isInverted ? UInt32(FIB_RULE_INVERT) : 0
    }
}

extension NetlinkMessage {
    fileprivate mutating func addAttributes(of rule: Rule) {
        if let priority = rule.priority { add(FRA_PRIORITY, priority) }
        if let source = rule.source { add(FRA_SRC, source.masked.address) }
        if let destination = rule.destination { add(FRA_DST, destination.masked.address) }
        if let mark = rule.mark { add(FRA_FWMARK, mark) }
        if let mask = rule.mask { add(FRA_FWMASK, mask) }
        if rule.table > UInt8.max { add(FRA_TABLE, rule.table) }
        if let length = rule.suppressedPrefixLength { add(FRA_SUPPRESS_PREFIXLEN, length) }
    }
}
