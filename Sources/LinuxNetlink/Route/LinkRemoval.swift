internal import CLinux
internal import CMnl
internal import Glibc
package import LinuxSystem

/// Takes a link away, and waits only until it is out of sight: its name, addresses and routes are gone.
///
/// The kernel then waits until no processor can have hold of the link, 10 to 20 ms, before it answers. It does so for
/// a child process, which nobody waits for. Only for a process of one thread.
package enum LinkRemoval {
    package static func remove(_ index: Int32) throws(Errno) {
        let news = try NetlinkSocket(bus: NETLINK_ROUTE, groups: UInt32(RTMGRP_LINK))
        let outcome = try Pipe()
        let child = try syscall { clinux_fork() }
        if child == 0 { removeAndExit(index, outcome) }
        try wait(for: index, news, outcome)
    }

    /// The child's part: tells 0 or an errno.
    private static func removeAndExit(_ index: Int32, _ outcome: borrowing Pipe) {
        // Who reads what the program says shall not wait for us.
        if let null = try? FileDescriptor.open("/dev/null", flags: O_RDWR) {
            for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] { dup2(null.raw, stream) }
        }
        var code: CInt = 0
        do throws(Errno) {
            var conversation = try RouteConversation()
            try conversation.deleteLink(index)
        } catch {
            code = error.code
        }
        _ = write(outcome.writing, &code, MemoryLayout<CInt>.size)
        _exit(0)
    }

    /// Until the kernel's news, or the child, tell that the link is gone. Throws what the child was refused with.
    private static func wait(for index: Int32, _ news: NetlinkSocket, _ outcome: borrowing Pipe) throws(Errno) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 15, alignment: Int(MNL_ALIGNTO))
        defer { buffer.deallocate() }
        var polled = [
            pollfd(fd: outcome.reading, events: Int16(POLLIN), revents: 0),
            pollfd(fd: news.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            _ = try syscall { poll(&polled, nfds_t(polled.count), -1) }
            if polled[0].revents != 0 { return try outcome.read() }
            do throws(Errno) {
                let count = try news.receive(into: buffer)
                if tellsOfRemoval(UnsafeRawBufferPointer(rebasing: buffer[..<count]), of: index) { return }
            } catch {
                // Some were lost: the child tells in the end.
                polled[1].fd = -1
            }
        }
    }

    private static func tellsOfRemoval(_ datagram: UnsafeRawBufferPointer, of index: Int32) -> Bool {
        guard datagram.count > 0 else { return false }
        var rest = CInt(datagram.count)
        var next = datagram.baseAddress!.assumingMemoryBound(to: nlmsghdr.self)
        while mnl_nlmsg_ok(next, rest), Int(next.pointee.nlmsg_len) <= Int(rest) {
            if next.pointee.nlmsg_type == UInt16(RTM_DELLINK),
                mnl_nlmsg_get_payload_len(next) >= MemoryLayout<ifinfomsg>.size
            {
                let info = mnl_nlmsg_get_payload(next)!.loadUnaligned(as: ifinfomsg.self)
                // Bridges tell of ports that leave them in messages of their own family.
                if CInt(info.ifi_family) == AF_UNSPEC, info.ifi_index == index { return true }
            }
            next = UnsafePointer(mnl_nlmsg_next(next, &rest)!)
        }
        return false
    }
}

/// From the child to its parent.
private struct Pipe: ~Copyable {
    private let readEnd: FileDescriptor
    private let writeEnd: FileDescriptor

    init() throws(Errno) {
        var ends: [CInt] = [-1, -1]
        _ = try syscall { pipe2(&ends, O_CLOEXEC) }
        readEnd = FileDescriptor(owning: ends[0])
        writeEnd = FileDescriptor(owning: ends[1])
    }

    var reading: CInt { readEnd.raw }
    var writing: CInt { writeEnd.raw }

    /// Throws what the child tells.
    borrowing func read() throws(Errno) {
        var code: CInt = EPROTO
        let raw = reading
        _ = try syscall { Glibc.read(raw, &code, MemoryLayout<CInt>.size) }
        if code != 0 { throw Errno(code) }
    }
}
