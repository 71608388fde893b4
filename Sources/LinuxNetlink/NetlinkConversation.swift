package import ByteText
internal import CLinux
internal import CMnl
internal import Glibc
package import LinuxSystem

/// Requests to the kernel and its answers, one after the other.
package struct NetlinkConversation: ~Copyable {
    private let transport: any NetlinkTransport
    private var sequence: UInt32 = 0
    /// The kernel fills dumps up to 32 KiB where the reader has room for it.
    private let received: UnsafeMutableRawBufferPointer
    /// What the kernel said to the last request that it refused, if it had words for it.
    package private(set) var explanation: ByteString?

    private static let room = 1 << 15
    /// Limits on repeating a dump that changed under way: nanoseconds, and attempts.
    private static let dumpNanoseconds: UInt64 = 1_000_000_000
    private static let dumpAttempts = 10_000

    package init(over transport: any NetlinkTransport) {
        self.transport = transport
        received = .allocate(byteCount: Self.room, alignment: Int(MNL_ALIGNTO))
    }

    deinit {
        SecureMemory.zero(received.baseAddress!, count: received.count)
        received.deallocate()
    }

    mutating func forgetExplanation() { explanation = nil }

    /// Sends a request and hands every answer's content, behind netlink's own header, to `take`.
    /// Throws what the kernel says, and `interrupted` where a dump changed under way.
    package mutating func ask(
        _ request: inout NetlinkMessage, _ take: (Span<UInt8>) throws(Errno) -> Void
    ) throws(Errno) {
        sequence += 1
        request.sequence = sequence
        explanation = nil
        try transport.send(request.bytes)
        var wasInterrupted = false
        var isDone = false
        while !isDone {
            let count = try transport.receive(into: received)
            let datagram = UnsafeRawBufferPointer(rebasing: received[..<count])
            isDone = try read(datagram, wasInterrupted: &wasInterrupted, take)
        }
        // Told only now: a new dump may begin when the old one has been read to its end.
        if wasInterrupted { throw .interrupted }
    }

    /// The same for a dump: begins anew while what it reads changes. `restart` forgets what was taken.
    ///
    /// A set that changes all the time, such as a device whose peers come and go, interrupts every read. After a second
    /// the last read counts, and the result is false: it is complete, but an item may be in it twice, or missing.
    package mutating func dump(
        _ request: inout NetlinkMessage, restart: () -> Void, _ take: (Span<UInt8>) throws(Errno) -> Void
    ) throws(Errno) -> Bool {
        let end = Clock.bootNanoseconds() + Self.dumpNanoseconds
        var attempts = 0
        repeat {
            restart()
            do throws(Errno) {
                try ask(&request, take)
                return true
            } catch {
                if error != .interrupted { throw error }
            }
            attempts += 1
        } while attempts < Self.dumpAttempts && Clock.bootNanoseconds() < end
        return false
    }

    /// Reads the messages of one datagram; true when the last of the answer was among them.
    private mutating func read(
        _ datagram: UnsafeRawBufferPointer, wasInterrupted: inout Bool, _ take: (Span<UInt8>) throws(Errno) -> Void
    ) throws(Errno) -> Bool {
        var rest = CInt(datagram.count)
        guard rest > 0 else { throw .protocolError }
        var next = datagram.baseAddress!.assumingMemoryBound(to: nlmsghdr.self)
        while rest > 0 {
            // libmnl takes a length above 2^31 for a negative one, and so for short enough.
            guard mnl_nlmsg_ok(next, rest), Int(next.pointee.nlmsg_len) <= Int(rest) else { throw .protocolError }
            let header = next
            next = UnsafePointer(mnl_nlmsg_next(next, &rest)!)
            // An answer to somebody else, or to a request given up, is none of ours.
            guard mnl_nlmsg_portid_ok(header, transport.port), header.pointee.nlmsg_seq == sequence else { continue }
            if header.pointee.nlmsg_flags & UInt16(NLM_F_DUMP_INTR) != 0 { wasInterrupted = true }
            let content = UnsafeBufferPointer(
                start: mnl_nlmsg_get_payload(header)!.assumingMemoryBound(to: UInt8.self),
                count: mnl_nlmsg_get_payload_len(header)
            ).span
            switch CInt(header.pointee.nlmsg_type) {
            case NLMSG_NOOP: continue
            case NLMSG_ERROR, NLMSG_DONE:
                try end(content, of: header.pointee)
                return true
            default: try take(content)
            }
        }
        return false
    }

    /// Both ends of an answer begin with a negated errno, zero for success; the end of a dump may lack it.
    private mutating func end(_ content: Span<UInt8>, of header: nlmsghdr) throws(Errno) {
        let isError = CInt(header.nlmsg_type) == NLMSG_ERROR
        guard content.count >= 4 else {
            if isError { throw .protocolError }
            return
        }
        let code: Int32 = try content.extracting(..<4).number()
        guard code != 0 else { return }
        explanation = try extendedAcknowledgement(in: content, of: header)
        throw Errno(code == .min ? EPROTO : abs(code))
    }
}

/// The kernel's words for a refusal, which may follow the number.
private func extendedAcknowledgement(in content: Span<UInt8>, of header: nlmsghdr) throws(Errno) -> ByteString? {
    guard header.nlmsg_flags & UInt16(NLM_F_ACK_TLVS) != 0 else { return nil }
    var start = 4
    if CInt(header.nlmsg_type) == NLMSG_ERROR {
        // The request stands in between, only its header where the kernel was asked to cut it.
        guard content.count >= 8 else { throw .protocolError }
        let isCut = header.nlmsg_flags & UInt16(NLM_F_CAPPED) != 0
        let length: UInt32 = try content.extracting(4..<8).number()
        start += isCut ? MemoryLayout<nlmsghdr>.size : (Int(length) + 3) & ~3
    }
    guard content.count >= start else { throw .protocolError }
    var words: ByteString?
    try NetlinkAttributes.forEach(in: content.extracting(start...)) { type, text throws(Errno) in
        if type == NLMSGERR_ATTR_MSG.rawValue { words = text.text }
    }
    return words
}
