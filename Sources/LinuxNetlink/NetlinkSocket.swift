internal import ByteText
internal import CLinux
internal import CMnl
internal import Glibc
package import LinuxSystem

/// Carries netlink messages to the kernel and back; the tests have one that plays the kernel.
package protocol NetlinkTransport: AnyObject {
    /// The address that answers must carry.
    var port: UInt32 { get }

    func send(_ message: UnsafeRawBufferPointer) throws(Errno)

    /// Fills the front of `buffer` with one datagram of whole messages; returns its length.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int
}

/// A netlink socket of libmnl's.
package final class NetlinkSocket: NetlinkTransport {
    private let socket: OpaquePointer

    /// `groups` are those whose news it hears.
    package init(bus: CInt, groups: UInt32 = 0) throws(Errno) {
        guard let opened = mnl_socket_open2(bus, CInt(SOCK_CLOEXEC.rawValue)) else { throw .last }
        socket = opened
        guard mnl_socket_bind(socket, groups, MNL_SOCKET_AUTOPID) == 0 else { throw .last }
        // Refusals in words, without the request that they are about. Old kernels only have the number.
        enable(NETLINK_EXT_ACK)
        enable(NETLINK_CAP_ACK)
        // Dumps with a filter; old kernels send all.
        if bus == NETLINK_ROUTE { enable(NETLINK_GET_STRICT_CHK) }
    }

    private func enable(_ option: CInt) {
        var on: CInt = 1
        _ = mnl_socket_setsockopt(socket, option, &on, socklen_t(MemoryLayout<CInt>.size))
    }

    deinit { mnl_socket_close(socket) }

    var descriptor: CInt { mnl_socket_get_fd(socket) }

    package var port: UInt32 { mnl_socket_get_portid(socket) }

    package func send(_ message: UnsafeRawBufferPointer) throws(Errno) {
        try syscall { mnl_socket_sendto(socket, message.baseAddress!, message.count) }
    }

    package func receive(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        try syscall { mnl_socket_recvfrom(socket, buffer.baseAddress!, buffer.count) }
    }
}
