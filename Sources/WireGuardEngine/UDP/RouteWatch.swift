internal import CLinux
internal import Glibc
package import LinuxSystem

/// Notices that routes or routing rules have changed in the namespace of our UDP sockets. It does not read which: there
/// may be millions, and `SourceReview` looks up the routes to peers.
package struct RouteWatch: ~Copyable {
    private let descriptor: FileDescriptor

    package init() throws(Errno) {
        let descriptor = FileDescriptor(owning: try syscall { clinux_route_socket() })
        var address = sockaddr_nl()
        address.nl_family = sa_family_t(AF_NETLINK)
        address.nl_groups =
            UInt32(RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE) | 1 << (RTNLGRP_IPV4_RULE.rawValue - 1)
            | 1 << (RTNLGRP_IPV6_RULE.rawValue - 1)
        let raw = descriptor.raw
        try withUnsafePointer(to: &address) { (address) throws(Errno) in
            try address.withMemoryRebound(to: sockaddr.self, capacity: 1) { (address) throws(Errno) in
                _ = try syscall { bind(raw, address, socklen_t(MemoryLayout<sockaddr_nl>.size)) }
            }
        }
        self.descriptor = descriptor
    }

    /// Readable when routes have changed since the last drain.
    package var raw: CInt { descriptor.raw }

    /// Takes what is there without looking at it. What the socket had no room for is a change too.
    package func drain() {
        var room: UInt64 = 0
        while recv(descriptor.raw, &room, MemoryLayout<UInt64>.size, 0) >= 0 || errno == ENOBUFS {}
    }
}
