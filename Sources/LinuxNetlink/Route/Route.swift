internal import CLinux
internal import Glibc
package import LinuxSystem
package import WireGuardModel

/// Where packets to a network go.
package struct Route: Hashable, Sendable {
    package var destination: AllowedIP
    package var table: UInt32
    /// Index of the link; nil for routes that have none, or several.
    package var device: Int32?
    package var gateway: IPAddress?
    /// The address that packets of this machine carry.
    package var source: IPAddress?
    /// Of two routes to the same network the one with the lower metric counts. Nil for what the kernel chooses: 0, and
    /// 1024 for IPv6.
    package var metric: UInt32?
    /// In bytes; nil for that of the link.
    package var mtu: UInt32?
    /// RTN_, RT_SCOPE_ and RTPROT_.
    package var type: UInt8
    package var scope: UInt8
    package var `protocol`: UInt8

    /// Whether an address of the link's brought it.
    package var isConnected: Bool { self.protocol == UInt8(RTPROT_KERNEL) }

    /// Whether the route forwards packets: it neither delivers to an address of our own nor refuses packets.
    package var isUnicast: Bool { type == UInt8(RTN_UNICAST) }

    /// What `ip route add DESTINATION dev DEVICE table TABLE` makes of it.
    package init(to destination: AllowedIP, device: Int32, table: UInt32 = RouteTable.main) {
        self.destination = destination
        self.device = device
        self.table = table
        type = UInt8(RTN_UNICAST)
        let scope = destination.address.family == .v4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE
        self.scope = UInt8(scope.rawValue)
        self.protocol = UInt8(RTPROT_BOOT)
    }

    /// The route that `ip route add unreachable DESTINATION table TABLE metric METRIC proto PROTOCOL` makes: it refuses
    /// packets if no route with a lower metric is left.
    package init(unreachable destination: AllowedIP, table: UInt32, metric: UInt32, protocol number: UInt8) {
        self.destination = destination
        self.table = table
        self.metric = metric
        type = UInt8(RTN_UNREACHABLE)
        scope = UInt8(RT_SCOPE_UNIVERSE.rawValue)
        self.protocol = number
    }

    /// Nil for families that are not IP's.
    fileprivate init?(_ header: rtmsg, _ attributes: Span<UInt8>) throws(Errno) {
        guard let family = IPAddress.Family(socketFamily: header.rtm_family) else { return nil }
        let fields = try RouteAttributes(attributes)
        // A default route's is left out.
        guard fields.destination != nil || header.rtm_dst_len == 0,
            let destination = AllowedIP(fields.destination ?? family.zero, prefixLength: header.rtm_dst_len),
            destination.address.family == family
        else { throw .protocolError }
        self.destination = destination
        table = fields.table ?? UInt32(header.rtm_table)
        device = fields.device
        gateway = fields.gateway
        source = fields.source
        metric = fields.metric
        mtu = fields.mtu
        type = header.rtm_type
        scope = header.rtm_scope
        self.protocol = header.rtm_protocol
    }
}

/// The attributes of a route that count here.
struct RouteAttributes {
    private(set) var destination: IPAddress?
    private(set) var table: UInt32?
    private(set) var device: Int32?
    private(set) var gateway: IPAddress?
    private(set) var source: IPAddress?
    private(set) var metric: UInt32?
    private(set) var mtu: UInt32?

    init(_ attributes: Span<UInt8>) throws(Errno) {
        try NetlinkAttributes.forEach(in: attributes) { type, content throws(Errno) in
            switch rtattr_type_t(type) {
            case RTA_DST: destination = try content.address()
            case RTA_TABLE: table = try content.number()
            case RTA_OIF: device = try content.number()
            case RTA_GATEWAY: gateway = try content.address()
            case RTA_PREFSRC: source = try content.address()
            case RTA_PRIORITY: metric = try content.number()
            case RTA_METRICS:
                try NetlinkAttributes.forEach(in: content) { type, content throws(Errno) in
                    if Int(type) == RTAX_MTU { mtu = try content.number() }
                }
            default: break
            }
        }
    }
}

extension IPAddress.Family {
    fileprivate var zero: IPAddress { self == .v4 ? IPAddress(v4: 0) : IPAddress(v6: 0, 0) }
}

extension RouteConversation {
    /// The routes of one family, and of one table, link and protocol (RTPROT_) unless nil, without those that the
    /// kernel cached (RTM_F_CLONED).
    package mutating func routes(
        _ family: IPAddress.Family, table: UInt32? = RouteTable.main, device: Int32? = nil,
        protocol number: UInt8? = nil
    ) throws(Errno) -> [Route] {
        var header = rtmsg()
        header.rtm_family = family.socketFamily
        header.rtm_protocol = number ?? 0
        var request = NetlinkMessage(RTM_GETROUTE, flags: NLM_F_DUMP, header)
        if let table { request.add(RTA_TABLE, table) }
        if let device { request.add(RTA_OIF, UInt32(bitPattern: device)) }
        do throws(Errno) {
            return try dump(&request) { (header: rtmsg, attributes) throws(Errno) in
                // A kernel that does not know the family lists all others.
                guard header.rtm_family == family.socketFamily, header.rtm_flags & UInt32(RTM_F_CLONED) == 0,
                    let route = try Route(header, attributes)
                else { return nil }
                // Old kernels send all.
                let isAsked =
                    table ?? route.table == route.table && device ?? route.device == route.device
                    && number ?? route.protocol == route.protocol
                return isAsked ? route : nil
            }
        } catch {
            // A table comes into being with its first route.
            if error == .notFound, table != nil { return [] }
            if error == .familyNotSupported || error == .notSupported { return [] }
            throw error
        }
    }

    /// Whether a table has a route of either family.
    package mutating func hasRoutes(inTable table: UInt32) throws(Errno) -> Bool {
        for family in [IPAddress.Family.v4, .v6] where try !routes(family, table: table).isEmpty { return true }
        return false
    }

    /// As `ip route add` does. Throws `exists` where the table has one to the same network with the same metric.
    package mutating func addRoute(_ route: Route) throws(Errno) {
        var request = newRequest(route, flags: NLM_F_CREATE | NLM_F_EXCL)
        try send(&request)
    }

    /// As `ip route replace` does: adds it, in the place of one to the same network with the same metric.
    package mutating func replaceRoute(_ route: Route) throws(Errno) {
        var request = newRequest(route, flags: NLM_F_CREATE | NLM_F_REPLACE)
        try send(&request)
    }

    /// As `ip route delete` does. Throws `noProcess` where there is no such.
    package mutating func removeRoute(_ route: Route) throws(Errno) {
        var header = rtmsg(route)
        // Whatever they are.
        header.rtm_scope = UInt8(RT_SCOPE_NOWHERE.rawValue)
        (header.rtm_type, header.rtm_protocol) = (UInt8(RTN_UNSPEC), UInt8(RTPROT_UNSPEC))
        var request = NetlinkMessage(RTM_DELROUTE, header)
        request.addAttributes(of: route)
        try send(&request)
    }
}

private func newRequest(_ route: Route, flags: CInt) -> NetlinkMessage {
    var request = NetlinkMessage(RTM_NEWROUTE, flags: flags, rtmsg(route))
    request.addAttributes(of: route)
    if let source = route.source { request.add(RTA_PREFSRC, source) }
    if let mtu = route.mtu {
        request.add(Int(RTA_METRICS.rawValue)) { $0.add(RTAX_MTU, mtu) }
    }
    return request
}

extension rtmsg {
    fileprivate init(_ route: Route) {
        self.init()
        rtm_family = route.destination.address.family.socketFamily
        rtm_dst_len = route.destination.prefixLength
        // The byte is too small for most tables, which RTA_TABLE tells.
        rtm_table = UInt8(exactly: route.table) ?? 0
        rtm_protocol = route.protocol
        rtm_scope = route.scope
        rtm_type = route.type
    }
}

extension NetlinkMessage {
    /// Those that a route is found by.
    fileprivate mutating func addAttributes(of route: Route) {
        add(RTA_DST, route.destination.masked.address)
        if route.table > UInt8.max { add(RTA_TABLE, route.table) }
        if let device = route.device { add(RTA_OIF, UInt32(bitPattern: device)) }
        if let gateway = route.gateway { add(RTA_GATEWAY, gateway) }
        if let metric = route.metric { add(RTA_PRIORITY, metric) }
    }

    mutating func add(_ type: rtattr_type_t, _ number: UInt32) { add(Int(type.rawValue), number) }

    mutating func add(_ type: rtattr_type_t, _ address: IPAddress) { add(Int(type.rawValue), address) }
}
