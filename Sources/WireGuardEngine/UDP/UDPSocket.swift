internal import CLinux
internal import Glibc
package import LinuxSystem
package import WireGuardModel

/// A UDP socket of one family on one port of all our addresses. Never waits. Any thread may use it.
package final class UDPSocket: Sendable {
    package let family: IPAddress.Family
    /// Whether the kernel joins datagrams of one sender for us (UDP_GRO).
    package let joinsDatagrams: Bool
    private let descriptor: FileDescriptor

    /// Bytes that may wait to be read, if the system permits: bursts of whole batches. The kernel doubles it.
    private static let receiveBuffer: CInt = 7 << 20
    /// Bytes that may wait in device queues, if the system permits. The kernel doubles it to 1 GiB.
    ///
    /// All peers share the socket, and bytes that a slow device has not sent yet are charged to it: a socket that fills
    /// before the queue does blocks all other peers. The kernel's WireGuard charges nothing. Here the queues are the
    /// limit too: a usual one of 1,000 packets holds 2.3 MiB in packets of 1,500 bytes, as the kernel counts them, so
    /// that some 400 full ones fit (`SendBacklog` keeps their packets from being 64 KiB long). 2 GiB would overflow the
    /// kernel's counter.
    private static let sendBuffer: CInt = 512 << 20
    /// DSCP AF41, as the kernel's WireGuard sends handshake messages.
    package static let handshakeTrafficClass: UInt8 = 0x88

    /// With `sharesPort` others of ours may be on the port; else EADDRINUSE if anybody is. Port 0 takes a free one.
    /// EAFNOSUPPORT where the machine lacks the family.
    package init(
        _ family: IPAddress.Family, port: UInt16, sharesPort: Bool = false, joinsDatagrams: Bool = true
    ) throws(Errno) {
        self.family = family
        let descriptor = FileDescriptor(owning: try syscall { clinux_udp_socket(family == .v4 ? AF_INET : AF_INET6) })
        try setFamilyOptions(family, descriptor)
        if sharesPort { try set(SOL_SOCKET, SO_REUSEPORT, 1, descriptor) }
        setBufferSize(SO_RCVBUF, forced: SO_RCVBUFFORCE, Self.receiveBuffer, descriptor)
        setBufferSize(SO_SNDBUF, forced: SO_SNDBUFFORCE, Self.sendBuffer, descriptor)
        var joins = joinsDatagrams
        if joins {
            // A kernel before 5.0 knows nothing of it, and all else works.
            do throws(Errno) { try set(CInt(IPPROTO_UDP), CInt(UDP_GRO), 1, descriptor) } catch { joins = false }
        }
        try bindToAll(family, port, descriptor)
        self.joinsDatagrams = joins
        self.descriptor = descriptor
    }

    package var raw: CInt { descriptor.raw }

    /// The port that it is bound to.
    package var port: UInt16 {
        get throws(Errno) {
            let raw = raw
            return try withUnsafeTemporaryAllocation(byteCount: UnsafeSocketName.room, alignment: 8) {
                (memory) throws(Errno) in
                let name = UnsafeSocketName(start: memory.baseAddress!)
                var count = socklen_t(UnsafeSocketName.room)
                try syscall { getsockname(raw, name.start.assumingMemoryBound(to: sockaddr.self), &count) }
                return name.read(family).port
            }
        }
    }

    /// Marks all that is sent from now on, for the system's routing rules; 0 takes the mark away.
    package func setMark(_ mark: UInt32) throws(Errno) {
        try set(SOL_SOCKET, SO_MARK, CInt(bitPattern: mark), descriptor)
    }

    /// Lets others of ours bind to the port that this socket took for itself.
    package func sharePort() throws(Errno) { try set(SOL_SOCKET, SO_REUSEPORT, 1, descriptor) }
}

/// IPV6_RECVPKTINFO, which Glibc shows for _GNU_SOURCE only.
private let receivePacketInfoV6: CInt = 49

/// Each datagram reports its traffic class and local address, and leaves in fragments if it is too large. The socket's
/// own traffic class is that of handshakes; data messages set theirs (`SendBatch.append`).
private func setFamilyOptions(_ family: IPAddress.Family, _ socket: borrowing FileDescriptor) throws(Errno) {
    switch family {
    case .v4:
        try set(CInt(IPPROTO_IP), CInt(IP_PKTINFO), 1, socket)
        try set(CInt(IPPROTO_IP), IP_MTU_DISCOVER, IP_PMTUDISC_DONT, socket)
        try set(CInt(IPPROTO_IP), IP_RECVTOS, 1, socket)
        try set(CInt(IPPROTO_IP), IP_TOS, CInt(UDPSocket.handshakeTrafficClass), socket)
        // From this traffic class the kernel derives the priority of bulk traffic: in a full queue of pfifo_fast,
        // handshakes would wait until all data is sent.
        try set(SOL_SOCKET, SO_PRIORITY, 0, socket)
    case .v6:
        try set(CInt(IPPROTO_IPV6), IPV6_V6ONLY, 1, socket)
        try set(CInt(IPPROTO_IPV6), receivePacketInfoV6, 1, socket)
        try set(CInt(IPPROTO_IPV6), IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT, socket)
        try set(CInt(IPPROTO_IPV6), IPV6_RECVTCLASS, 1, socket)
        try set(CInt(IPPROTO_IPV6), IPV6_TCLASS, CInt(UDPSocket.handshakeTrafficClass), socket)
    }
}

/// The forced form passes the system's limit, and takes CAP_NET_ADMIN. Any size will do in the end.
private func setBufferSize(_ option: CInt, forced: CInt, _ size: CInt, _ socket: borrowing FileDescriptor) {
    do throws(Errno) {
        try set(SOL_SOCKET, forced, size, socket)
    } catch {
        try? set(SOL_SOCKET, option, size, socket)
    }
}

private func bindToAll(_ family: IPAddress.Family, _ port: UInt16, _ socket: borrowing FileDescriptor) throws(Errno) {
    let raw = socket.raw
    let all = family == .v4 ? IPAddress(v4: 0) : IPAddress(v6: 0, 0)
    try withUnsafeTemporaryAllocation(byteCount: UnsafeSocketName.room, alignment: 8) { (memory) throws(Errno) in
        let name = UnsafeSocketName(start: memory.baseAddress!)
        name.write(Endpoint(address: all, port: port))
        let count = socklen_t(UnsafeSocketName.count(for: family))
        _ = try syscall { bind(raw, name.start.assumingMemoryBound(to: sockaddr.self), count) }
    }
}

private func set(
    _ level: CInt, _ option: CInt, _ value: CInt, _ socket: borrowing FileDescriptor
) throws(Errno) {
    let raw = socket.raw
    try withUnsafePointer(to: value) { (value) throws(Errno) in
        _ = try syscall { setsockopt(raw, level, option, value, socklen_t(MemoryLayout<CInt>.size)) }
    }
}
