package import ByteText
internal import CLinux
package import LinuxSystem

/// Families of generic netlink: a kernel module's commands under a number that is known at run time only.
package struct GenericNetlink: ~Copyable {
    private var conversation: NetlinkConversation
    private let family: UInt16
    private let version: UInt8

    /// The kernel nests attributes under 16-bit lengths, and takes messages of 32 KiB in its stride.
    private static let messageCapacity = 1 << 15

    /// Throws `protocolNotSupported` where no module has such a family.
    package init(family name: ByteString, version: UInt8, over transport: any NetlinkTransport) throws(Errno) {
        conversation = NetlinkConversation(over: transport)
        self.version = version
        var request = NetlinkMessage(
            type: UInt16(GENL_ID_CTRL), flags: UInt16(NLM_F_REQUEST | NLM_F_ACK), capacity: 256)
        request.putFamilyHeader(genlmsghdr(cmd: UInt8(CTRL_CMD_GETFAMILY), version: 1, reserved: 0))
        guard request.put(UInt32(CTRL_ATTR_FAMILY_NAME), text: name) else { throw .nameTooLong }
        var found: UInt16?
        do throws(Errno) {
            try conversation.ask(&request) { answer throws(Errno) in
                try NetlinkAttributes.forEach(in: genericContent(answer)) { type, content throws(Errno) in
                    if type == UInt32(CTRL_ATTR_FAMILY_ID) { found = try content.number() }
                }
            }
        } catch {
            throw error == .notFound ? .protocolNotSupported : error
        }
        guard let found else { throw .protocolError }
        family = found
    }

    package borrowing func request(_ command: UInt32, flags: Int32) -> NetlinkMessage {
        var message = NetlinkMessage(
            type: family, flags: UInt16(NLM_F_REQUEST | NLM_F_ACK | flags), capacity: Self.messageCapacity)
        message.putFamilyHeader(genlmsghdr(cmd: UInt8(command), version: version, reserved: 0))
        return message
    }

    /// Sends a request that is answered by success or an error only.
    package mutating func send(_ request: inout NetlinkMessage) throws(Errno) {
        try conversation.ask(&request) { _ throws(Errno) in }
    }

    /// Hands the attributes of every message of a dump to `take`; see ``NetlinkConversation/dump(_:restart:_:)``.
    package mutating func dump(
        _ request: inout NetlinkMessage, restart: () -> Void, _ take: (Span<UInt8>) throws(Errno) -> Void
    ) throws(Errno) -> Bool {
        try conversation.dump(&request, restart: restart) { answer throws(Errno) in
            try take(genericContent(answer))
        }
    }
}

/// What stands behind the generic header.
@_lifetime(copy answer)
private func genericContent(_ answer: Span<UInt8>) throws(Errno) -> Span<UInt8> {
    guard answer.count >= MemoryLayout<genlmsghdr>.size else { throw .protocolError }
    return answer.extracting(MemoryLayout<genlmsghdr>.size...)
}
