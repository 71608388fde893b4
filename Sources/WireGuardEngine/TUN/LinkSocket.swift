internal import ByteText
internal import CLinux
internal import CMnl
internal import Glibc
internal import LinuxSystem
internal import WireGuardModel

/// A route netlink socket that hears of links, in its own namespace and in all that the kernel has a name for there.
struct LinkSocket: ~Copyable {
    private let descriptor: FileDescriptor
    private let memory: UnsafeMutableRawBufferPointer
    private var sequence: UInt32 = 0

    /// Larger than what the kernel puts into one datagram.
    private static let room = 1 << 15

    /// What one read brings.
    enum Message {
        case link(LinkMessage)
        /// To the last question.
        case answer(LinkMessage)
        case refusal(Errno)
        /// All links are gone from a namespace that our own had this name for.
        case namespaceEnded(Int32)
    }

    init() throws(Errno) {
        descriptor = try openListening()
        memory = .allocate(byteCount: Self.room, alignment: Int(MNL_ALIGNTO))
    }

    deinit { memory.deallocate() }

    var raw: CInt { descriptor.raw }

    // MARK: Ask

    /// The link of a name in our namespace; nil where there is none.
    mutating func find(_ name: InterfaceName) throws(Errno) -> LinkMessage? {
        try ask(index: 0) { header in
            name.text.withCString { mnl_attr_put_strz(header, UInt16(IFLA_IFNAME), $0) }
        }
        // The kernel has answered by the time that the question is sent. News in front of the answer are older.
        var (found, isAnswered) = (LinkMessage?.none, false)
        while !isAnswered {
            let isThere = try read { message in
                switch message {
                case .answer(let link): (found, isAnswered) = (link, true)
                case .refusal: isAnswered = true
                default: break
                }
            }
            if !isThere { throw .protocolError }
        }
        return found
    }

    /// Asks for a link by its index in a namespace; nil is our own.
    mutating func ask(index: Int32, in namespace: Int32?) throws(Errno) {
        try ask(index: index) { header in
            if let namespace { mnl_attr_put_u32(header, UInt16(IFLA_TARGET_NETNSID), UInt32(bitPattern: namespace)) }
        }
    }

    private mutating func ask(index: Int32, _ putMore: (UnsafeMutablePointer<nlmsghdr>) -> Void) throws(Errno) {
        sequence += 1
        let header = mnl_nlmsg_put_header(memory.baseAddress!)!
        header.pointee.nlmsg_type = UInt16(RTM_GETLINK)
        header.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST)
        header.pointee.nlmsg_seq = sequence
        var info = ifinfomsg()
        info.ifi_index = index
        mnl_nlmsg_put_extra_header(header, MemoryLayout<ifinfomsg>.size)!.storeBytes(of: info, as: ifinfomsg.self)
        putMore(header)
        let raw = raw
        try syscall { send(raw, header, Int(header.pointee.nlmsg_len), 0) }
    }

    // MARK: Read

    /// Calls `take` with what one datagram holds; false when there is none. ENOBUFS where some were lost.
    mutating func read(_ take: (Message) -> Void) throws(Errno) -> Bool {
        let (count, namespace): (Int, Int32?)
        do throws(Errno) {
            (count, namespace) = try receive()
        } catch {
            if error == .tryAgain { return false }
            throw error
        }
        var rest = CInt(count)
        var next = UnsafePointer(memory.baseAddress!.assumingMemoryBound(to: nlmsghdr.self))
        while mnl_nlmsg_ok(next, rest), Int(next.pointee.nlmsg_len) <= Int(rest) {
            if let message = message(next, from: namespace) { take(message) }
            next = UnsafePointer(mnl_nlmsg_next(next, &rest)!)
        }
        return true
    }

    private func message(_ header: UnsafePointer<nlmsghdr>, from namespace: Int32?) -> Message? {
        // The kernel's own news have no sequence number.
        let isAnswer = header.pointee.nlmsg_seq == sequence && sequence != 0
        if header.pointee.nlmsg_type == UInt16(NLMSG_ERROR) {
            guard isAnswer, mnl_nlmsg_get_payload_len(header) >= 4 else { return nil }
            return .refusal(Errno(-mnl_nlmsg_get_payload(header)!.loadUnaligned(as: Int32.self)))
        }
        if namespace == nil, let ended = endedNamespace(header) { return .namespaceEnded(ended) }
        return LinkMessage(header, from: namespace).map { isAnswer ? .answer($0) : .link($0) }
    }

    /// One datagram of the kernel's, and the namespace that it tells of. One from another program counts nothing.
    private func receive() throws(Errno) -> (count: Int, namespace: Int32?) {
        var sender = sockaddr_nl()
        var control: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var vector = iovec(iov_base: memory.baseAddress!, iov_len: memory.count)
        let raw = raw
        return try withUnsafeMutableBytes(of: &control) { (control) throws(Errno) in
            var header = msghdr()
            (header.msg_control, header.msg_controllen) = (control.baseAddress!, control.count)
            let count = try withUnsafeMutablePointer(to: &vector) { (vector) throws(Errno) in
                try withUnsafeMutablePointer(to: &sender) { (sender) throws(Errno) in
                    (header.msg_iov, header.msg_iovlen) = (vector, 1)
                    (header.msg_name, header.msg_namelen) = (
                        UnsafeMutableRawPointer(sender), socklen_t(MemoryLayout<sockaddr_nl>.size)
                    )
                    return try syscall { recvmsg(raw, &header, 0) }
                }
            }
            let isKernels = sender.nl_pid == 0 && header.msg_flags & clinux_message_is_cut == 0
            let namespace = UnsafeControlMessages(header.msg_control, count: header.msg_controllen)
                .first { $0.level == SOL_NETLINK && $0.type == NETLINK_LISTEN_ALL_NSID && $0.count >= 4 }
                .map { $0.content.loadUnaligned(as: Int32.self) }
            return (isKernels ? count : 0, namespace)
        }
    }
}

/// From RTM_DELNSID: no news come from a namespace that is taken apart, only that its name is.
private func endedNamespace(_ header: UnsafePointer<nlmsghdr>) -> Int32? {
    guard header.pointee.nlmsg_type == UInt16(RTM_DELNSID) else { return nil }
    let start = mnl_nlmsg_get_payload_offset(header, MemoryLayout<rtgenmsg>.size)!
    let count = mnl_nlmsg_get_payload_len(header) - Int(MNL_ALIGNTO)
    var ended: Int32?
    UnsafeLinkAttributes.forEach(start, count: count) { type, content in
        if type == NETNSA_NSID, content.count == 4 { ended = content.loadUnaligned(as: Int32.self) }
    }
    return ended
}

private func openListening() throws(Errno) -> FileDescriptor {
    let socket = FileDescriptor(owning: try syscall { clinux_route_socket() })
    // Takes CAP_NET_BROADCAST. Without it a link is lost from sight when it is moved, and all else works.
    var on: CInt = 1
    setsockopt(socket.raw, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, &on, socklen_t(MemoryLayout<CInt>.size))
    try bindToLinkNews(socket.raw)
    return socket
}

private func bindToLinkNews(_ raw: CInt) throws(Errno) {
    var address = sockaddr_nl()
    address.nl_family = sa_family_t(AF_NETLINK)
    address.nl_groups = UInt32(RTMGRP_LINK) | 1 << UInt32(RTNLGRP_NSID.rawValue - 1)
    try withUnsafePointer(to: &address) { (address) throws(Errno) in
        let name = UnsafeRawPointer(address).assumingMemoryBound(to: sockaddr.self)
        _ = try syscall { bind(raw, name, socklen_t(MemoryLayout<sockaddr_nl>.size)) }
    }
}
