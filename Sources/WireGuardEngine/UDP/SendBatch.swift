internal import CLinux
internal import Glibc
package import LinuxSystem
internal import WireGuardModel
package import WireGuardProtocol

/// Datagrams to send, gathered from where they lie: runs of equal size and traffic class on one path become one message
/// that the kernel cuts (UDP_SEGMENT), and all messages go with one call. All memory is allocated once.
package struct SendBatch: ~Copyable {
    private let capacity: Int
    private let vectors: UnsafeMutablePointer<iovec>
    private let headers: UnsafeMutablePointer<MessageHeader>
    private let messages: UnsafeMutablePointer<UnsafeOutgoingMessage>
    private let margins: UnsafeMutableRawPointer
    private var datagramCount = 0
    private var messageCount = 0
    private var path = Path(to: Endpoint(address: IPAddress(v4: 0), port: 0))
    /// Whether the last message goes by this path.
    private var isUnderWay = false
    private var sender: MessageSender

    private static let marginRoom = UnsafeSocketName.room + UnsafeControlWriter.room
    /// The kernel's UDP_MAX_SEGMENTS, before it grew.
    private static let mostSegments = 64
    /// The payload of the largest UDP packet over IPv4.
    private static let mostBytes = 65507

    /// `capacity`: how many datagrams it takes between two flushes.
    package init(capacity: Int, usesSegmentation: Bool = true) {
        self.capacity = capacity
        vectors = .allocate(capacity: capacity)
        headers = .allocate(capacity: capacity)
        messages = .allocate(capacity: capacity)
        margins = .allocate(byteCount: capacity * Self.marginRoom, alignment: 64)
        sender = MessageSender(usesSegmentation: usesSegmentation)
    }

    deinit {
        vectors.deallocate()
        headers.deallocate()
        messages.deallocate()
        margins.deallocate()
    }

    package var isEmpty: Bool { datagramCount == 0 }

    /// What is added from now on goes by this path.
    package mutating func turn(to path: Path) {
        isUnderWay = messageCount > 0 && messages[messageCount - 1].path == path
        self.path = path
    }

    /// Adds a datagram, which must stay in place until the flush. There must be room. `trafficClass` is the IP
    /// header's, whatever the socket's is.
    @inline(__always)
    package mutating func append(_ datagram: UnsafeMutableRawPointer, count: Int, trafficClass: UInt8 = 0) {
        precondition(datagramCount < capacity)
        vectors[datagramCount] = iovec(iov_base: datagram, iov_len: count)
        // The compiler cannot sanitize what changes `messages[index]` in place.
        if !isUnderWay || !(messages + messageCount - 1).pointee.extend(by: count, trafficClass: trafficClass) {
            begin(count, trafficClass)
        }
        datagramCount += 1
    }

    /// Sends all that was added, each family by its socket, and is empty. It waits a few milliseconds at most.
    package mutating func flush(_ sockets: borrowing WorkerSockets) -> SendReport {
        var report = SendReport()
        var start = 0
        while start < messageCount {
            let family = messages[start].family
            var end = start
            while end < messageCount, messages[end].family == family {
                complete(end)
                end += 1
            }
            let run = UnsafeOutgoingMessages(
                headers: UnsafeMutableBufferPointer(start: headers + start, count: end - start),
                messages: UnsafeMutableBufferPointer(start: messages + start, count: end - start))
            sender.send(run, by: sockets.socket(for: family), &report)
            start = end
        }
        (datagramCount, messageCount, isUnderWay) = (0, 0, false)
        return report
    }

    private mutating func begin(_ count: Int, _ trafficClass: UInt8) {
        let mostSegments = sender.allowsSegments(of: count, to: path.remote.address) ? Self.mostSegments : 1
        messages[messageCount] = UnsafeOutgoingMessage(
            path: path, trafficClass: trafficClass, vectors: vectors + datagramCount, segmentSize: count,
            mostSegments: mostSegments, mostBytes: Self.mostBytes)
        messageCount += 1
        isUnderWay = true
    }

    private func complete(_ index: Int) {
        messages[index].write(
            to: &headers[index], name: margins + index * Self.marginRoom,
            control: margins + index * Self.marginRoom + UnsafeSocketName.room)
    }
}

/// What did not go as it should in a flush.
package struct SendReport: Sendable {
    /// Datagrams that the kernel did not accept, by path, in the order of sending.
    package private(set) var failures: [Failure] = []
    /// Paths whose `local` is no address of ours any more, or leads nowhere: sent from another one, to be forgotten.
    package var staleSources: [Path] = []
    /// The kernel's refusal for which UDP_SEGMENT is not used any more; told once.
    package var segmentationFailure: Errno?

    /// Datagrams on one path that the kernel did not accept.
    package struct Failure: Sendable {
        package let path: Path
        package fileprivate(set) var datagrams: Int
        package fileprivate(set) var bytes: Int
        /// The error of the last one.
        package fileprivate(set) var error: Errno
    }

    package var dropped: Int { failures.reduce(0) { $0 + $1.datagrams } }

    /// The error of the last datagram that was not accepted.
    package var failure: Errno? { failures.last?.error }

    mutating func add(_ datagrams: UnsafeBufferPointer<iovec>, on path: Path, _ error: Errno) {
        if failures.last?.path != path {
            failures.append(Failure(path: path, datagrams: 0, bytes: 0, error: error))
        }
        let last = failures.count - 1
        failures[last].datagrams += datagrams.count
        failures[last].bytes += datagrams.reduce(0) { $0 + $1.iov_len }
        failures[last].error = error
    }
}
