package import ByteText
internal import CLinux
internal import Glibc
package import LinuxSystem
package import WireGuardModel

/// A network interface.
package struct Link: Hashable, Sendable {
    package let index: Int32
    package fileprivate(set) var name: InterfaceName
    /// What `ip link add … type` calls it; nil for hardware and loopback.
    package fileprivate(set) var kind: ByteString?
    package fileprivate(set) var mtu: UInt32
    /// IFF_ flags.
    package let flags: UInt32

    package var isUp: Bool { flags & UInt32(IFF_UP) != 0 }

    fileprivate init(_ header: ifinfomsg, _ attributes: Span<UInt8>) throws(Errno) {
        (index, flags) = (header.ifi_index, header.ifi_flags)
        (name, mtu) = (InterfaceName(""), 0)
        try NetlinkAttributes.forEach(in: attributes) { type, content throws(Errno) in
            switch Int(type) {
            case IFLA_IFNAME: name = InterfaceName(content.text)
            case IFLA_MTU: mtu = try content.number()
            case IFLA_LINKINFO:
                try NetlinkAttributes.forEach(in: content) { type, content throws(Errno) in
                    if Int(type) == IFLA_INFO_KIND { kind = content.text }
                }
            default: break
            }
        }
        guard !name.text.isEmpty else { throw .protocolError }
    }
}

extension RouteConversation {
    /// All, or those of one kind.
    package mutating func links(kind: ByteString? = nil) throws(Errno) -> [Link] {
        var request = linkRequest(RTM_GETLINK, flags: NLM_F_DUMP)
        request.add(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS))
        // Kernels that know this filter leave the other links out; the rest send all.
        if let kind { request.add(IFLA_LINKINFO) { $0.add(IFLA_INFO_KIND, kind) } }
        return try dump(&request) { (header: ifinfomsg, attributes) throws(Errno) in
            let link = try Link(header, attributes)
            return kind == nil || link.kind == kind ? link : nil
        }
    }

    /// Nil where there is none of that name.
    package mutating func link(named name: InterfaceName) throws(Errno) -> Link? {
        guard name.isPossible else { return nil }
        var request = linkRequest(RTM_GETLINK)
        request.add(IFLA_IFNAME, name.text)
        return try find(&request)
    }

    /// Nil where there is none of that index.
    package mutating func link(index: Int32) throws(Errno) -> Link? {
        var request = linkRequest(RTM_GETLINK, index: index)
        return try find(&request)
    }

    private mutating func find(_ request: inout NetlinkMessage) throws(Errno) -> Link? {
        request.add(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS))
        do throws(Errno) {
            return try ask(&request, Link.init)
        } catch {
            if error == .noDevice { return nil }
            throw error
        }
    }

    /// Throws `notSupported` where the kernel has no such kind, `exists` where the name is taken, and `invalidArgument`
    /// for a name that no link can have.
    package mutating func addLink(_ name: InterfaceName, kind: ByteString) throws(Errno) {
        guard name.isPossible else { throw .invalidArgument }
        var request = linkRequest(RTM_NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL)
        request.add(IFLA_IFNAME, name.text)
        request.add(IFLA_LINKINFO) { $0.add(IFLA_INFO_KIND, kind) }
        try send(&request)
    }

    package mutating func deleteLink(_ index: Int32) throws(Errno) {
        var request = linkRequest(RTM_DELLINK, index: index)
        try send(&request)
    }

    /// Nil leaves it as it is. The kernel may have done one where it refuses the other.
    package mutating func setLink(_ index: Int32, mtu: UInt32? = nil, isUp: Bool? = nil) throws(Errno) {
        var header = ifinfomsg()
        header.ifi_index = index
        if let isUp {
            header.ifi_change = UInt32(IFF_UP)
            header.ifi_flags = isUp ? UInt32(IFF_UP) : 0
        }
        var request = NetlinkMessage(RTM_NEWLINK, header)
        if let mtu { request.add(IFLA_MTU, mtu) }
        try send(&request)
    }

    /// Its index there may be another. Addresses and routes stay behind, and it is down.
    package mutating func moveLink(_ index: Int32, to namespace: borrowing NetworkNamespace) throws(Errno) {
        var request = linkRequest(RTM_NEWLINK, index: index)
        request.add(IFLA_NET_NS_FD, UInt32(namespace.descriptor))
        try send(&request)
    }
}

private func linkRequest(_ type: Int, index: Int32 = 0, flags: CInt = 0) -> NetlinkMessage {
    var header = ifinfomsg()
    header.ifi_index = index
    return NetlinkMessage(type, flags: flags, header)
}

extension InterfaceName {
    fileprivate var isPossible: Bool { 1...InterfaceName.longest ~= text.count }
}
