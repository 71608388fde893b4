internal import CLinux
package import LinuxSystem
package import WireGuardModel

/// The way that the kernel would send a packet.
package struct ChosenRoute: Equatable, Sendable {
    /// Index of the link.
    package let device: Int32
    package let gateway: IPAddress?
    /// The address that the packet would carry.
    package let source: IPAddress?
    /// In bytes, where the route or what the kernel has learnt of the path tells one; else it is the link's.
    package let mtu: UInt32?
}

extension RouteConversation {
    /// As `ip route get ADDRESS mark MARK` finds it. Throws what a program would get that sends there, such as
    /// `networkUnreachable`.
    package mutating func route(to address: IPAddress, mark: UInt32 = 0) throws(Errno) -> ChosenRoute {
        var header = rtmsg()
        header.rtm_family = address.family.socketFamily
        header.rtm_dst_len = address.family.bits
        var request = NetlinkMessage(RTM_GETROUTE, header)
        request.add(RTA_DST, address)
        if mark != 0 { request.add(RTA_MARK, mark) }
        return try ask(&request) { (_: rtmsg, attributes) throws(Errno) in
            let fields = try RouteAttributes(attributes)
            guard let device = fields.device else { throw .networkUnreachable }
            return ChosenRoute(device: device, gateway: fields.gateway, source: fields.source, mtu: fields.mtu)
        }
    }
}
