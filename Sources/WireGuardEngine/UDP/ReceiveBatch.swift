internal import CLinux
internal import Glibc
package import LinuxSystem
internal import WireGuardModel
package import WireGuardProtocol

/// Several messages of a UDP socket, read with one call. Each is one datagram, or many of one sender that the kernel
/// joined. All memory is taken once; the system gives pages only to what comes.
///
/// The results of `path`, `trafficClass` and `datagrams` are valid until the next `receive`.
package struct ReceiveBatch: ~Copyable {
    private let capacity: Int
    private let headers: UnsafeMutablePointer<MessageHeader>
    private let vectors: UnsafeMutablePointer<iovec>
    /// For each message a place for its name and control messages.
    private let margins: UnsafeMutableRawPointer
    private let payloads: UnsafeMutableRawPointer
    private let messages: UnsafeMutablePointer<Message>
    private var known = KnownPath()

    /// Messages of the last `receive`.
    package private(set) var count = 0

    /// No datagram is longer, nor are joined ones.
    private static let payloadRoom = 1 << 16
    private static let controlRoom = 128
    private static let marginRoom = UnsafeSocketName.room + controlRoom

    private struct Message: BitwiseCopyable {
        var path: Path
        /// 0 for one that was cut off, or came from nowhere.
        var count: Int
        var segmentSize: Int
        var trafficClass: UInt8
    }

    package init(messages capacity: Int = 8) {
        self.capacity = capacity
        headers = .allocate(capacity: capacity)
        vectors = .allocate(capacity: capacity)
        margins = .allocate(byteCount: capacity * Self.marginRoom, alignment: 64)
        margins.initializeMemory(as: UInt8.self, repeating: 0, count: capacity * Self.marginRoom)
        payloads = .allocate(byteCount: capacity * Self.payloadRoom, alignment: 4096)
        messages = .allocate(capacity: capacity)
        for index in 0..<capacity {
            vectors[index] = iovec(iov_base: payloads + index * Self.payloadRoom, iov_len: Self.payloadRoom)
            headers[index] = MessageHeader()
            headers[index].header.msg_name = margins + index * Self.marginRoom
            headers[index].header.msg_iov = vectors + index
            headers[index].header.msg_iovlen = 1
            headers[index].header.msg_control = margins + index * Self.marginRoom + UnsafeSocketName.room
            prepare(index)
        }
    }

    deinit {
        headers.deallocate()
        vectors.deallocate()
        margins.deallocate()
        payloads.deallocate()
        messages.deallocate()
    }

    /// Reads what waits, as much as there is room for. False when nothing does.
    package mutating func receive(from socket: borrowing UDPSocket) throws(Errno) -> Bool {
        for index in 0..<count { prepare(index) }
        count = 0
        let (raw, headers, capacity) = (socket.raw, headers, capacity)
        do throws(Errno) {
            count = Int(try syscall { clinux_receive_messages(raw, headers, UInt32(capacity)) })
        } catch {
            if error == .tryAgain { return false }
            throw error
        }
        for index in 0..<count { messages[index] = message(at: index) }
        return true
    }

    /// Where a message came from, and to which of our addresses.
    @inline(__always)
    package func path(of index: Int) -> Path { messages[index].path }

    /// The traffic class of a message's IP header.
    @inline(__always)
    package func trafficClass(of index: Int) -> UInt8 { messages[index].trafficClass }

    /// The datagrams of a message, to be changed in place; none if it was cut off.
    @inline(__always)
    package func datagrams(of index: Int) -> UnsafeDatagrams {
        let message = messages[index]
        let payload = UnsafeMutableRawBufferPointer(
            start: payloads + index * Self.payloadRoom, count: message.count)
        return UnsafeDatagrams(of: payload, segmentSize: message.segmentSize)
    }

    /// The kernel leaves in these fields how much it used.
    private func prepare(_ index: Int) {
        headers[index].header.msg_namelen = socklen_t(UnsafeSocketName.room)
        headers[index].header.msg_controllen = Self.controlRoom
    }

    private mutating func message(at index: Int) -> Message {
        let header = headers[index]
        let isCut = header.header.msg_flags & clinux_message_is_cut != 0
        let name = UnsafeSocketName(start: header.header.msg_name)
        let control = UnsafeReceivedControl(header.header.msg_control, count: header.header.msg_controllen)
        guard !isCut, let family = name.family else {
            return Message(path: known.path, count: 0, segmentSize: 0, trafficClass: 0)
        }
        return Message(
            path: known.path(name, control.packetInfo, family), count: Int(header.count),
            segmentSize: control.segmentSize, trafficClass: control.trafficClass)
    }
}

/// `struct mmsghdr`. C asserts its layout.
struct MessageHeader: BitwiseCopyable {
    var header = msghdr()
    /// Bytes of payload that were received or sent.
    var count: UInt32 = 0
}

/// The path of the last message. Most come from where the one before them came from: those are told by their bytes.
private struct KnownPath: BitwiseCopyable {
    private(set) var path = Path(to: Endpoint(address: IPAddress(v4: 0), port: 0))
    private var name = InlineArray<32, UInt8>(repeating: 0)
    private var packetInfo = InlineArray<20, UInt8>(repeating: 0)
    private var hasPacketInfo = false

    @inline(__always)
    mutating func path(
        _ name: UnsafeSocketName, _ info: UnsafeMutableRawPointer?, _ family: IPAddress.Family
    ) -> Path {
        if !isKnown(name, info, family) { learn(name, info, family) }
        return path
    }

    @inline(__always)
    private func isKnown(
        _ name: UnsafeSocketName, _ info: UnsafeMutableRawPointer?, _ family: IPAddress.Family
    ) -> Bool {
        guard hasPacketInfo, let info else { return false }
        return withUnsafeBytes(of: self.name) {
            memcmp($0.baseAddress!, name.start, UnsafeSocketName.count(for: family)) == 0
        }
            && withUnsafeBytes(of: packetInfo) { memcmp($0.baseAddress!, info, PacketInfo.count(for: family)) == 0 }
    }

    private mutating func learn(
        _ name: UnsafeSocketName, _ info: UnsafeMutableRawPointer?, _ family: IPAddress.Family
    ) {
        path = Path(to: name.read(family))
        withUnsafeMutableBytes(of: &self.name) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: name.start, count: UnsafeSocketName.count(for: family)))
        }
        hasPacketInfo = info != nil
        guard let info else { return }
        let (local, interfaceIndex) = PacketInfo.read(info, family)
        (path.local, path.interfaceIndex) = (local, interfaceIndex)
        withUnsafeMutableBytes(of: &packetInfo) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: info, count: PacketInfo.count(for: family)))
        }
    }
}

/// Cuts a message into its datagrams: all of one size, the last as long as what is left.
package struct UnsafeDatagrams: Sequence, IteratorProtocol, BitwiseCopyable {
    private var place: UnsafeMutableRawPointer
    private var rest: Int
    private let segmentSize: Int

    /// A segment size of 0 means that nothing was joined.
    @inline(__always)
    init(of payload: UnsafeMutableRawBufferPointer, segmentSize: Int) {
        (place, rest) = (payload.baseAddress!, payload.count)
        self.segmentSize = segmentSize > 0 ? segmentSize : Swift.max(1, payload.count)
    }

    @inline(__always)
    package mutating func next() -> UnsafeMutableRawBufferPointer? {
        guard rest > 0 else { return nil }
        let datagram = UnsafeMutableRawBufferPointer(start: place, count: Swift.min(segmentSize, rest))
        place += datagram.count
        rest -= datagram.count
        return datagram
    }
}
