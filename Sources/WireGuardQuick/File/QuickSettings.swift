package import ByteText
package import WireGuardModel

/// What a file's `[Interface]` section says beyond wg(8): the keys that are wg-quick's own.
package struct QuickSettings {
    package var addresses: [ConfiguredAddress] = []
    package var dns = DNSSettings()
    /// Bytes; nil lets the routes to the endpoints decide.
    package var mtu: UInt32?
    package var table = RoutingTableChoice.auto
    package var preUp: [ByteString] = []
    package var postUp: [ByteString] = []
    package var preDown: [ByteString] = []
    package var postDown: [ByteString] = []
    package var savesConfig = false

    package init() {}
}

/// An address of the interface, as the file has it.
package struct ConfiguredAddress: Equatable {
    /// As written: `10.0.0.1` and `10.0.0.1/32` are the same address, and each is announced in its own words.
    package let text: ByteString
    package let address: IPAddress
    package let prefixLength: UInt8

    package init(text: ByteString, address: IPAddress, prefixLength: UInt8) {
        (self.text, self.address, self.prefixLength) = (text, address, prefixLength)
    }
}

package struct DNSSettings: Equatable {
    /// Addresses of servers, in the file's order and words.
    package var servers: [ByteString] = []
    package var searchDomains: [ByteString] = []

    package init() {}

    package var isEmpty: Bool { servers.isEmpty && searchDomains.isEmpty }
}

/// `Table`: where the routes go.
package enum RoutingTableChoice: Equatable {
    /// The main table; default routes into one of their own.
    case auto
    /// No routes.
    case off
    /// A number, or a name from iproute2's `rt_tables`.
    case named(ByteString)
}
