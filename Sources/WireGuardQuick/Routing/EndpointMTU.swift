internal import LinuxNetlink
internal import LinuxSystem
internal import WireGuardModel

/// The MTU that suits the ways to a device's endpoints: the narrowest of them decides.
enum EndpointMTU {
    /// What a data packet needs for itself: the outer IPv6 header 40, UDP 8, and WireGuard 32 bytes.
    private static let overhead: UInt32 = 80
    private static let usual: UInt32 = 1500
    /// IPv6 wants as much; a way that is narrower still is not ours to repair.
    private static let least: UInt32 = 1280

    /// Of an interface that is up already, its packets bear a `mark`, and a way through itself is none.
    static func mtu(
        for update: DeviceUpdate, _ network: inout RouteConversation, mark: UInt32 = 0, except own: Int32? = nil
    ) -> UInt32 {
        var narrowest: UInt32?
        for endpoint in update.peers.lazy.compactMap(\.endpoint) {
            guard let width = mtu(toward: endpoint.address, &network, mark, except: own) else { continue }
            narrowest = min(width, narrowest ?? width)
        }
        let width = narrowest ?? mtuOfDefaultRoute(&network) ?? usual
        return width > overhead ? width - overhead : least
    }

    /// That of the route, else of the link that it leaves by; nil where nothing leads there.
    private static func mtu(
        toward address: IPAddress, _ network: inout RouteConversation, _ mark: UInt32, except own: Int32?
    ) -> UInt32? {
        guard let route = try? network.route(to: address, mark: mark), route.device != own else { return nil }
        if let mtu = route.mtu { return mtu }
        return try? network.link(index: route.device)?.mtu
    }

    private static func mtuOfDefaultRoute(_ network: inout RouteConversation) -> UInt32? {
        for family in [IPAddress.Family.v4, .v6] {
            guard let routes = try? network.routes(family),
                let route = routes.first(where: { $0.destination.prefixLength == 0 && $0.device != nil })
            else { continue }
            if let mtu = route.mtu { return mtu }
            if let link = try? network.link(index: route.device!) { return link.mtu }
        }
        return nil
    }
}
