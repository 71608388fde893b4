internal import Glibc
internal import WireGuardModel
internal import WireGuardProtocol

/// A message of a `SendBatch`: datagrams of one size and traffic class on one path. The last may be shorter.
struct UnsafeOutgoingMessage: BitwiseCopyable {
    let path: Path
    /// Nil for the socket's traffic class, which is that of handshakes.
    let trafficClass: UInt8?
    let vectors: UnsafeMutablePointer<iovec>
    let segmentSize: Int
    private(set) var count = 1
    private var room: Int
    private var bytesLeft: Int

    init(
        path: Path, trafficClass: UInt8?, vectors: UnsafeMutablePointer<iovec>, segmentSize: Int, mostSegments: Int,
        mostBytes: Int
    ) {
        self.path = path
        self.trafficClass = trafficClass
        self.vectors = vectors
        self.segmentSize = segmentSize
        room = segmentSize == 0 ? 0 : mostSegments - 1
        bytesLeft = mostBytes - segmentSize
    }

    var datagrams: UnsafeBufferPointer<iovec> { UnsafeBufferPointer(start: vectors, count: count) }

    var family: IPAddress.Family { path.remote.address.family }

    /// Takes one more datagram for the path if it fits; a shorter one is the last.
    @inline(__always)
    mutating func extend(by size: Int, trafficClass: UInt8) -> Bool {
        guard room > 0, trafficClass == self.trafficClass, size <= segmentSize, size <= bytesLeft, size > 0 else {
            return false
        }
        room = size == segmentSize ? room - 1 : 0
        bytesLeft -= size
        count += 1
        return true
    }

    /// Our address to send from, where the path has one that can be: of the family of the other end.
    var source: IPAddress? { path.local.flatMap { $0.family == family ? $0 : nil } }

    /// Makes `header` one of all the datagrams.
    @inline(__always)
    func write(to header: inout MessageHeader, name: UnsafeMutableRawPointer, control: UnsafeMutableRawPointer) {
        UnsafeSocketName(start: name).write(path.remote)
        var writer = UnsafeControlWriter(control)
        if count > 1 { writer.putSegment(segmentSize) }
        if let trafficClass { writer.putTrafficClass(trafficClass, family) }
        if let source { writer.putSource(source) }
        header.header = msghdr(
            msg_name: name, msg_namelen: socklen_t(UnsafeSocketName.count(for: family)), msg_iov: vectors,
            msg_iovlen: count, msg_control: writer.count == 0 ? nil : control, msg_controllen: writer.count,
            msg_flags: 0)
        header.count = 0
    }
}

extension msghdr {
    /// Removes the control message of the source, which must be there and the last.
    mutating func dropSource(_ family: IPAddress.Family) {
        msg_controllen -= UnsafeControlWriter.sourceSize(for: family)
    }

    /// Leaves all but one of several datagrams out, and the size of segments, which comes first.
    mutating func narrow(to vector: UnsafeMutablePointer<iovec>) {
        if msg_iovlen > 1 {
            msg_control += UnsafeControlWriter.segmentSize
            msg_controllen -= UnsafeControlWriter.segmentSize
            msg_iovlen = 1
        }
        msg_iov = vector
    }
}

/// A run of messages of one family.
struct UnsafeOutgoingMessages: BitwiseCopyable {
    private(set) var headers: UnsafeMutableBufferPointer<MessageHeader>
    private(set) var messages: UnsafeMutableBufferPointer<UnsafeOutgoingMessage>

    init(
        headers: UnsafeMutableBufferPointer<MessageHeader>, messages: UnsafeMutableBufferPointer<UnsafeOutgoingMessage>
    ) {
        self.headers = headers
        self.messages = messages
    }

    /// Whether any message holds more than one datagram.
    var hasSegments: Bool { messages.contains { $0.count > 1 } }

    /// The size of all datagrams in bytes, or a little more: the last of a message may be shorter.
    var byteCount: Int { messages.reduce(0) { $0 + $1.segmentSize * $1.count } }

    /// Takes the leading messages of one path; nil if none are left.
    mutating func takePath() -> UnsafeOutgoingMessages? {
        guard let path = messages.first?.path else { return nil }
        let count = messages.firstIndex { $0.path != path } ?? messages.count
        let part = UnsafeOutgoingMessages(
            headers: UnsafeMutableBufferPointer(rebasing: headers[..<count]),
            messages: UnsafeMutableBufferPointer(rebasing: messages[..<count]))
        headers = UnsafeMutableBufferPointer(rebasing: headers[count...])
        messages = UnsafeMutableBufferPointer(rebasing: messages[count...])
        return part
    }
}
