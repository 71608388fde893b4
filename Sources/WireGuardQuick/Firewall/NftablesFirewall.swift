internal import ByteText
internal import LinuxNetlink
internal import LinuxSystem
internal import WireGuardModel
internal import WireGuardText

/// The firewall as a table of its own for nft(8).
enum NftablesFirewall {
    static func firewall(_ plan: FirewallPlan) -> Firewall {
        let table = "\(plan.family.nftName) \(tableName(plan.name))"
        return Firewall(raising: change(replacing(table) + rules(plan)), lowering: change("delete table \(table)\n"))
    }

    /// What an earlier `up` left, of both families at once.
    static func remains(of name: InterfaceName, _ tables: [PacketFilterTable]) -> [Firewall] {
        let ours = tables.filter { $0.isOurs(name) }
        if ours.isEmpty { return [] }
        let lowering = change(ours.map { "delete table \($0.family) \($0.name)\n" }.joined())
        return [Firewall(raising: lowering, lowering: lowering)]
    }

    /// Lists the existing tables with their rules.
    static func present(
        of name: InterfaceName, _ tables: [PacketFilterTable]
    ) throws(QuickFailure) -> [PresentFirewall] {
        var found: [PresentFirewall] = []
        for table in tables where table.isOurs(name) {
            guard let family = IPAddress.Family(nftName: table.family) else { continue }
            found.append(try present(family, listing(of: table), "\(table.family) \(table.name)"))
        }
        return found
    }

    fileprivate static func tableName(_ name: InterfaceName) -> String { "wg-quick-\(name)" }

    private static func change(_ script: String) -> FirewallChange {
        FirewallChange(command: "nft -f /dev/fd/63", arguments: ["nft", "-f", "-"], input: ByteString(script))
    }

    /// Empties the table, whether it exists or not. nft applies a script atomically: the table is never missing.
    private static func replacing(_ table: String) -> String { "add table \(table)\ndelete table \(table)\n" }

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

// MARK: nft's own listing

extension NftablesFirewall {
    private static func listing(of table: PacketFilterTable) throws(QuickFailure) -> ByteString {
        var listing = Program("nft", ["list", "table", table.family, table.name])
        listing.output = .captured
        guard let result = try? listing.run(), result.ending.isSuccess else {
            throw QuickFailure("Unable to list the packet filter's table \(table.family) \(table.name)")
        }
        return result.output
    }

    private static func present(
        _ family: IPAddress.Family, _ listing: ByteString, _ table: String
    ) -> PresentFirewall {
        var mark: UInt32?
        var addresses: Set<IPAddress> = []
        var count = 0
        for line in listing.description.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            // Counts rules, not chain headers.
            guard words.contains("drop") || words.contains("set") else { continue }
            count += 1
            if let address = words.following("daddr").flatMap({ IPAddress(text: ByteString(String($0)).span) }) {
                if !address.isLinkLocal { addresses.insert(address) }
            } else if words.contains("ct"), let word = words.following("mark"), let number = UInt32(nft: word) {
                mark = number
            }
        }
        let raising = change(replacing(table) + listing.description)
        return PresentFirewall(
            kind: .nftables, family: family,
            firewall: Firewall(raising: raising, lowering: change("delete table \(table)\n")), mark: mark,
            addresses: addresses, count: count)
    }
}

extension PacketFilterTable {
    fileprivate func isOurs(_ name: InterfaceName) -> Bool {
        self.name == ByteString(NftablesFirewall.tableName(name))
    }
}

extension [Substring] {
    /// The word after another.
    func following(_ word: Substring) -> Substring? {
        guard let place = firstIndex(of: word), place + 1 < count else { return nil }
        return self[place + 1]
    }
}

extension UInt32 {
    /// Parses a mark as nft and iptables print it: 0x0000ca6c.
    init?(nft word: Substring) {
        guard word.hasPrefix("0x") else { return nil }
        self.init(word.dropFirst(2), radix: 16)
    }
}

extension IPAddress.Family {
    /// nft's name of the family.
    fileprivate var nftName: String { self == .v4 ? "ip" : "ip6" }

    fileprivate init?(nftName name: ByteString) {
        switch name {
        case "ip": self = .v4
        case "ip6": self = .v6
        default: return nil
        }
    }
}
