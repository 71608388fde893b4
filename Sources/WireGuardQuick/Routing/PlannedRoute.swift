internal import ByteText
internal import LinuxNetlink
internal import WireGuardModel

/// A route through the interface, in the words in which it is announced.
struct PlannedRoute: Equatable {
    let destination: AllowedIP
    /// Nil for the main table.
    var table: PlannedTable?

    /// Of everything, in a table of its own.
    static func `default`(_ family: IPAddress.Family, table: UInt32) -> PlannedRoute {
        let anywhere = family == .v4 ? IPAddress(v4: 0) : IPAddress(v6: 0, 0)
        return PlannedRoute(
            destination: AllowedIP(anywhere, prefixLength: 0)!, table: PlannedTable(number: table))
    }

    var family: IPAddress.Family { destination.address.family }

    func text(on name: InterfaceName) -> String {
        "\(destination.words) dev \(name)" + (table.map { " table \($0.text)" } ?? "")
    }

    func route(device: Int32) -> Route {
        Route(to: destination, device: device, table: table?.number ?? RouteTable.main)
    }
}

/// A routing table as the file names it.
struct PlannedTable: Equatable {
    let text: ByteString
    let number: UInt32

    init(number: UInt32) { (text, self.number) = (ByteString("\(number)"), number) }

    /// Nil where iproute2's `rt_tables` has no such name.
    init?(_ text: ByteString) {
        guard let number = RouteTable.number(of: text) else { return nil }
        (self.text, self.number) = (text, number)
    }
}
