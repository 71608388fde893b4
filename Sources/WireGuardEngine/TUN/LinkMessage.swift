internal import ByteText
internal import CLinux
internal import CMnl
internal import Glibc
internal import LinuxSystem
internal import WireGuardModel

/// What the kernel tells of a link: RTM_NEWLINK or RTM_DELLINK.
struct LinkMessage {
    let index: Int32
    /// The kernel's name for the namespace that the link is in; nil for our own.
    let namespace: Int32?
    let isDeletion: Bool
    let isUp: Bool
    private(set) var name: InterfaceName?
    private(set) var mtu: UInt32?
    /// Where a link went that leaves its namespace, as that one names namespaces.
    private(set) var newNamespace: Int32?
    private(set) var newIndex: Int32?
    /// Nil for links other than TUN and TAP interfaces.
    private(set) var tun: TunTraits?

    /// Nil for all other messages.
    init?(_ header: UnsafePointer<nlmsghdr>, from namespace: Int32?) {
        let type = header.pointee.nlmsg_type
        guard type == UInt16(RTM_NEWLINK) || type == UInt16(RTM_DELLINK) else { return nil }
        guard mnl_nlmsg_get_payload_len(header) >= MemoryLayout<ifinfomsg>.size else { return nil }
        let info = mnl_nlmsg_get_payload(header)!.loadUnaligned(as: ifinfomsg.self)
        // Bridges tell of their ports in messages of their own family.
        guard CInt(info.ifi_family) == AF_UNSPEC else { return nil }
        index = info.ifi_index
        self.namespace = namespace
        isDeletion = type == UInt16(RTM_DELLINK)
        isUp = info.ifi_flags & UInt32(IFF_UP) != 0
        UnsafeLinkAttributes.forEach(
            mnl_nlmsg_get_payload_offset(header, MemoryLayout<ifinfomsg>.size)!,
            count: mnl_nlmsg_get_payload_len(header) - MemoryLayout<ifinfomsg>.size
        ) { read($0, $1) }
    }

    /// What a link is like that is still there.
    var state: InterfaceState? {
        guard !isDeletion, let name, let mtu else { return nil }
        return InterfaceState(isUp: isUp, mtu: mtu, name: name)
    }

    private mutating func read(_ type: Int, _ content: UnsafeRawBufferPointer) {
        switch type {
        case IFLA_IFNAME: name = InterfaceName(ByteString(Array(content.prefix { $0 != 0 })))
        case IFLA_MTU where content.count == 4: mtu = content.loadUnaligned(as: UInt32.self)
        case IFLA_NEW_NETNSID where content.count == 4: newNamespace = content.loadUnaligned(as: Int32.self)
        case IFLA_NEW_IFINDEX where content.count == 4: newIndex = content.loadUnaligned(as: Int32.self)
        case IFLA_LINKINFO: tun = TunTraits(linkInfo: content)
        default: break
        }
    }
}

enum UnsafeLinkAttributes {
    /// Calls `body` with each attribute's type and content, up to one that is cut off.
    static func forEach(
        _ start: UnsafeRawPointer, count: Int, _ body: (Int, UnsafeRawBufferPointer) -> Void
    ) {
        var (next, rest) = (start.assumingMemoryBound(to: nlattr.self), count)
        while mnl_attr_ok(next, CInt(rest)) {
            let content = UnsafeRawBufferPointer(
                start: mnl_attr_get_payload(next)!, count: Int(mnl_attr_get_payload_len(next)))
            body(Int(mnl_attr_get_type(next)), content)
            rest -= (Int(next.pointee.nla_len) + 3) & ~3
            next = UnsafePointer(mnl_attr_next(next)!)
        }
    }
}
