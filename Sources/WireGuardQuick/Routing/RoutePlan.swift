internal import ByteText
internal import WireGuardModel

/// The routes that an interface's allowed-ips ask for.
struct RoutePlan: Equatable {
    /// The file's own; nil for the main table.
    private(set) var table: PlannedTable?
    /// The longest prefixes first.
    private(set) var routes: [PlannedRoute] = []
    /// Of the default routes that want a table, rules and a mark of their own.
    private(set) var defaultFamilies: [IPAddress.Family] = []

    /// `plainDefaults` takes a default route for a route like others.
    init(_ allowedIPs: some Sequence<AllowedIP>, _ choice: RoutingTableChoice, plainDefaults: Bool) throws(QuickFailure)
    {
        switch choice {
        case .off: return
        case .auto: break
        case .named(let name):
            table = PlannedTable(name)
            if table == nil { throw QuickFailure("Table = \(name): there is no routing table of this name") }
        }
        for prefix in Self.longestFirst(allowedIPs) {
            if prefix.prefixLength == 0, table == nil, !plainDefaults {
                defaultFamilies.append(prefix.address.family)
            } else {
                routes.append(PlannedRoute(destination: prefix, table: table))
            }
        }
    }

    /// Each once. Those of a length stand in the order of their texts, the last first.
    private static func longestFirst(_ allowedIPs: some Sequence<AllowedIP>) -> [AllowedIP] {
        Set(allowedIPs.lazy.map(\.masked)).map { (prefix: $0, text: ByteString($0.words)) }
            .sorted { ($0.prefix.prefixLength, $0.text) > ($1.prefix.prefixLength, $1.text) }
            .map(\.prefix)
    }
}

extension DeviceUpdate {
    /// What the peers own in the end, in no order.
    var allowedIPs: [AllowedIP] { FileMeaning(of: self).peers.values.flatMap(\.allowedIPs) }
}
