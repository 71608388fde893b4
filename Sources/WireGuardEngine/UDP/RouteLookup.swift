internal import CLinux
internal import CMnl
internal import Glibc
package import LinuxSystem
internal import WireGuardModel
package import WireGuardProtocol

/// Asks the kernel by which interface the packets of a path leave (RTM_GETROUTE). The kernel has answered by the time
/// that the request is sent, so that nothing here waits.
package struct RouteLookup: ~Copyable {
    package enum Answer: Equatable, Sendable {
        /// The index of the interface that the route leads to.
        case leaves(interfaceIndex: UInt32)
        /// There is a route, but not from the path's local address: this machine does not have that address.
        case sourceIsGone
        /// There is no route, or no answer.
        case noRoute
    }

    private let descriptor: FileDescriptor
    private let memory: UnsafeMutableRawBufferPointer
    private var sequence: UInt32 = 0

    /// More bytes than a request or an answer takes.
    private static let room = 4096
    /// Datagrams that earlier requests may have left.
    private static let mostReads = 16

    package init() throws(Errno) {
        descriptor = FileDescriptor(owning: try syscall { clinux_route_socket() })
        memory = .allocate(byteCount: Self.room, alignment: Int(MNL_ALIGNTO))
    }

    deinit { memory.deallocate() }

    /// Looks up the route of UDP packets from `port` of `path.local` to `path.remote`, with the sockets' fwmark.
    package mutating func ask(_ path: Path, mark: UInt32, port: UInt16) -> Answer {
        // A link-local address is reached by the link of its scope.
        if path.remote.scope != 0 { return .leaves(interfaceIndex: path.remote.scope) }
        if let index = askOnce(path, mark: mark, port: port) { return .leaves(interfaceIndex: index) }
        // The error does not distinguish them: a foreign source gives EINVAL, but so does a blackhole, and newer
        // kernels give ENETUNREACH for both.
        guard path.local != nil else { return .noRoute }
        return askOnce(Path(to: path.remote), mark: mark, port: port) == nil ? .noRoute : .sourceIsGone
    }

    /// The index of the interface; nil if there is no route.
    private mutating func askOnce(_ path: Path, mark: UInt32, port: UInt16) -> UInt32? {
        sequence &+= 1
        guard send(path, mark: mark, port: port) else { return nil }
        for _ in 0..<Self.mostReads {
            let count = recv(descriptor.raw, memory.baseAddress!, memory.count, 0)
            guard count > 0 else { return nil }
            if let header = answer(in: count) { return Self.interfaceIndex(in: header) }
        }
        return nil
    }

    // MARK: The request

    private func send(_ path: Path, mark: UInt32, port: UInt16) -> Bool {
        let header = mnl_nlmsg_put_header(memory.baseAddress!)!
        header.pointee.nlmsg_type = UInt16(RTM_GETROUTE)
        header.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST)
        header.pointee.nlmsg_seq = sequence
        let remote = path.remote.address
        let source = path.local.flatMap { $0.family == remote.family ? $0 : nil }
        var route = rtmsg()
        route.rtm_family = UInt8(remote.family == .v4 ? AF_INET : AF_INET6)
        route.rtm_dst_len = remote.family.bits
        route.rtm_src_len = source?.family.bits ?? 0
        mnl_nlmsg_put_extra_header(header, MemoryLayout<rtmsg>.size)!.storeBytes(of: route, as: rtmsg.self)
        put(remote, RTA_DST, header)
        if let source { put(source, RTA_SRC, header) }
        if mark != 0 { mnl_attr_put_u32(header, UInt16(RTA_MARK.rawValue), mark) }
        mnl_attr_put_u8(header, UInt16(RTA_IP_PROTO.rawValue), UInt8(IPPROTO_UDP))
        mnl_attr_put_u16(header, UInt16(RTA_SPORT.rawValue), port.bigEndian)
        mnl_attr_put_u16(header, UInt16(RTA_DPORT.rawValue), path.remote.port.bigEndian)
        return Glibc.send(descriptor.raw, header, Int(header.pointee.nlmsg_len), 0) >= 0
    }

    private func put(_ address: IPAddress, _ type: rtattr_type_t, _ header: UnsafeMutablePointer<nlmsghdr>) {
        let bytes = address.networkBytes
        bytes.span.withUnsafeBytes {
            mnl_attr_put(header, UInt16(type.rawValue), address.family.byteCount, $0.baseAddress!)
        }
    }

    // MARK: The answer

    /// The answer to the last request; nil if the datagram does not hold it.
    private func answer(in count: Int) -> UnsafePointer<nlmsghdr>? {
        var rest = CInt(count)
        var next = UnsafePointer(memory.baseAddress!.assumingMemoryBound(to: nlmsghdr.self))
        while mnl_nlmsg_ok(next, rest), Int(next.pointee.nlmsg_len) <= Int(rest) {
            if next.pointee.nlmsg_seq == sequence { return next }
            next = UnsafePointer(mnl_nlmsg_next(next, &rest)!)
        }
        return nil
    }

    private static func interfaceIndex(in header: UnsafePointer<nlmsghdr>) -> UInt32? {
        let content = mnl_nlmsg_get_payload(header)!
        let count = mnl_nlmsg_get_payload_len(header) - MemoryLayout<rtmsg>.size
        guard header.pointee.nlmsg_type == UInt16(RTM_NEWROUTE), count >= 0 else { return nil }
        // IPv6 answers with a route even if it refuses packets.
        let type = CInt(content.loadUnaligned(as: rtmsg.self).rtm_type)
        guard type == RTN_UNICAST || type == RTN_LOCAL else { return nil }
        var index: UInt32?
        UnsafeLinkAttributes.forEach(mnl_nlmsg_get_payload_offset(header, MemoryLayout<rtmsg>.size)!, count: count) {
            guard $0 == Int(RTA_OIF.rawValue), $1.count == 4 else { return }
            index = $1.loadUnaligned(as: UInt32.self)
        }
        return index
    }
}
