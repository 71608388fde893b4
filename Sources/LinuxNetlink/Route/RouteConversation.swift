package import ByteText
internal import CLinux
internal import CMnl
package import LinuxSystem
internal import WireGuardModel

/// rtnetlink: what `ip` asks of the kernel, in the network namespace of the thread that begins the conversation.
///
/// Links go by their index there.
package struct RouteConversation: ~Copyable {
    private var conversation: NetlinkConversation

    package init() throws(Errno) { self.init(over: try NetlinkSocket(bus: NETLINK_ROUTE)) }

    package init(over transport: any NetlinkTransport) { conversation = NetlinkConversation(over: transport) }

    /// The kernel's words for what it refused last; nil where the error number is all that it said.
    package var explanation: ByteString? { conversation.explanation }

    /// Clears `explanation`, which would be an old one after work that does not use this conversation.
    package mutating func forgetExplanation() { conversation.forgetExplanation() }

    /// What is answered by success or an error only.
    mutating func send(_ request: inout NetlinkMessage) throws(Errno) {
        try conversation.ask(&request) { _ throws(Errno) in }
    }

    /// What is answered by one message, which `read` makes something of.
    mutating func ask<Header: BitwiseCopyable, Answer>(
        _ request: inout NetlinkMessage, _ read: (Header, Span<UInt8>) throws(Errno) -> Answer
    ) throws(Errno) -> Answer {
        var found: Answer?
        try conversation.ask(&request) { answer throws(Errno) in found = try split(answer, read) }
        guard let found else { throw .protocolError }
        return found
    }

    /// All items of a dump, each once, without those for which `read` returns nil. `read` gets a message's fixed part
    /// and its attributes.
    mutating func dump<Header: BitwiseCopyable, Item: Hashable>(
        _ request: inout NetlinkMessage, _ read: (Header, Span<UInt8>) throws(Errno) -> Item?
    ) throws(Errno) -> [Item] {
        var items: [Item] = []
        let isWhole = try conversation.dump(&request) {
            items = []
        } _: { answer throws(Errno) in
            if let item = try split(answer, read) { items.append(item) }
        }
        if isWhole { return items }
        var seen: Set<Item> = []
        return items.filter { seen.insert($0).inserted }
    }
}

private func split<Header: BitwiseCopyable, Result>(
    _ answer: Span<UInt8>, _ read: (Header, Span<UInt8>) throws(Errno) -> Result
) throws(Errno) -> Result {
    let size = MemoryLayout<Header>.size
    guard answer.count >= size else { throw .protocolError }
    return try read(answer.bytes.unsafeLoadUnaligned(as: Header.self), answer.extracting(size...))
}

// MARK: Messages

/// All that the requests of rtnetlink hold here has room in it.
private let capacity = 512

extension NetlinkMessage {
    /// A request of rtnetlink's, with its fixed part.
    init(_ type: Int, flags: CInt = 0, _ header: some BitwiseCopyable) {
        self.init(type: UInt16(type), flags: UInt16(NLM_F_REQUEST | NLM_F_ACK | flags), capacity: capacity)
        putFamilyHeader(header)
    }

    mutating func add(_ type: Int, _ number: UInt32) { precondition(put(UInt32(type), number)) }

    /// Names are checked before: longer than a message they never are.
    mutating func add(_ type: Int, _ text: ByteString) { precondition(put(UInt32(type), text: text)) }

    mutating func add(_ type: Int, _ address: IPAddress) {
        let bytes = address.networkBytes
        precondition(put(UInt32(type), bytes.span.extracting(..<address.family.byteCount)))
    }

    mutating func add(_ type: Int, nest write: (inout NetlinkMessage) -> Void) {
        let nest = open(UInt32(type))!
        write(&self)
        close(nest)
    }
}

extension Span<UInt8> {
    /// The address that is the whole content of an attribute.
    func address() throws(Errno) -> IPAddress {
        guard let address = IPAddress(bytes: self) else { throw .protocolError }
        return address
    }
}

extension IPAddress.Family {
    /// As the fixed part of a message has it.
    var socketFamily: UInt8 { UInt8(self == .v4 ? SocketFamily.v4 : SocketFamily.v6) }

    /// Nil for families that are not IP's.
    init?(socketFamily: UInt8) {
        switch UInt16(socketFamily) {
        case SocketFamily.v4: self = .v4
        case SocketFamily.v6: self = .v6
        default: return nil
        }
    }
}
