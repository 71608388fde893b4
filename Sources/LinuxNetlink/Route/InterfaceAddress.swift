internal import CLinux
package import LinuxSystem
package import WireGuardModel

/// An address of a link's, with the length of the network around it.
package struct InterfaceAddress: Sendable {
    package let address: IPAddress
    package let prefixLength: UInt8
    /// The other end of a point-to-point address (`ip address add … peer`). The prefix then belongs to it.
    package let peer: IPAddress?
    /// IPv4's broadcast address, if one was given.
    package let broadcast: IPAddress?
    /// How far it reaches, RT_SCOPE_. Of IPv6 addresses the kernel decides that.
    package let scope: UInt8
    /// IFA_F_ flags.
    package let flags: UInt32

    /// The flags that a request may set. The kernel sets the others.
    fileprivate static let flagsToAsk = UInt32(
        IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN)

    /// Whether the kernel made it by itself: the link-local one that a TUN device gets when it comes up.
    package var isAutomatic: Bool {
        scope == UInt8(RT_SCOPE_LINK.rawValue) && flags & UInt32(IFA_F_STABLE_PRIVACY) != 0
    }

    /// With the scope that `ip` gives it. Nil when the prefix is longer than the address.
    package init?(_ address: IPAddress, prefixLength: UInt8) {
        guard prefixLength <= address.family.bits else { return nil }
        self.address = address
        self.prefixLength = prefixLength
        peer = nil
        broadcast = nil
        let isLoopback = address.family == .v4 && address.low >> 24 == 127
        scope = UInt8(isLoopback ? RT_SCOPE_HOST.rawValue : RT_SCOPE_UNIVERSE.rawValue)
        flags = 0
    }

    /// Nil for addresses that are not IP's.
    fileprivate init?(_ header: ifaddrmsg, _ attributes: Span<UInt8>) throws(Errno) {
        guard let family = IPAddress.Family(socketFamily: header.ifa_family) else { return nil }
        var (local, prefix, broadcast): (IPAddress?, IPAddress?, IPAddress?)
        var flags = UInt32(header.ifa_flags)
        try NetlinkAttributes.forEach(in: attributes) { type, content throws(Errno) in
            switch Int(type) {
            case IFA_LOCAL: local = try content.address()
            case IFA_ADDRESS: prefix = try content.address()
            case IFA_BROADCAST: broadcast = try content.address()
            case IFA_FLAGS: flags = try content.number()
            default: break
            }
        }
        // Of a link with an other end IFA_ADDRESS is that end; IPv6 else knows IFA_ADDRESS only.
        guard let address = local ?? prefix, address.family == family, header.ifa_prefixlen <= family.bits else {
            throw .protocolError
        }
        self.address = address
        self.broadcast = broadcast
        peer = prefix == address ? nil : prefix
        prefixLength = header.ifa_prefixlen
        scope = header.ifa_scope
        self.flags = flags
    }
}

/// Addresses are equal if the kernel takes them for the same address of a link.
extension InterfaceAddress: Hashable {
    package static func == (left: InterfaceAddress, right: InterfaceAddress) -> Bool {
        left.address == right.address && left.prefixLength == right.prefixLength && left.peer == right.peer
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(address)
        hasher.combine(prefixLength)
    }
}

extension RouteConversation {
    /// IPv4 first, in the kernel's order.
    package mutating func addresses(of link: Int32) throws(Errno) -> [InterfaceAddress] {
        var header = ifaddrmsg()
        header.ifa_index = UInt32(bitPattern: link)
        var request = NetlinkMessage(RTM_GETADDR, flags: NLM_F_DUMP, header)
        return try dump(&request) { (header: ifaddrmsg, attributes) throws(Errno) in
            // Old kernels send those of all links.
            guard header.ifa_index == UInt32(bitPattern: link) else { return nil }
            return try InterfaceAddress(header, attributes)
        }
    }

    /// As `ip address add` does. Throws `exists` where the link has it.
    package mutating func addAddress(_ address: InterfaceAddress, to link: Int32) throws(Errno) {
        var request = addressRequest(RTM_NEWADDR, address, link, flags: NLM_F_CREATE | NLM_F_EXCL)
        try send(&request)
    }

    /// As `ip address delete` does: the first IPv4 address of a network takes the link's others there with it.
    /// Throws `addressNotAvailable` where the link has no such.
    package mutating func removeAddress(_ address: InterfaceAddress, from link: Int32) throws(Errno) {
        var request = addressRequest(RTM_DELADDR, address, link)
        try send(&request)
    }
}

private func addressRequest(
    _ type: Int, _ address: InterfaceAddress, _ link: Int32, flags: CInt = 0
) -> NetlinkMessage {
    var header = ifaddrmsg()
    header.ifa_family = address.address.family.socketFamily
    header.ifa_prefixlen = address.prefixLength
    header.ifa_scope = address.scope
    header.ifa_index = UInt32(bitPattern: link)
    var request = NetlinkMessage(type, flags: flags, header)
    request.add(IFA_LOCAL, address.address)
    request.add(IFA_ADDRESS, address.peer ?? address.address)
    if let broadcast = address.broadcast { request.add(IFA_BROADCAST, broadcast) }
    let flags = address.flags & InterfaceAddress.flagsToAsk
    if flags != 0 { request.add(IFA_FLAGS, flags) }
    return request
}
