internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import WireGuardModel
internal import WireGuardProtocol

/// Brings messages to a socket and gets round what goes wrong on the way:
///
///   no room         waits a little, then gives the rest up
///   stale source    the address that a path was used from is gone: the system chooses one
///   segmentation    refused for this size on this route, or altogether: the datagrams go one by one
/// slow device     its queue holds much: the datagrams that go there go one by one until it holds less
struct MessageSender {
    private var segmentsV4: Bool
    private var segmentsV6: Bool
    private var backlogV4 = SendBacklog()
    private var backlogV6 = SendBacklog()
    private var limits = SegmentationLimits()

    /// Any route takes packets of so many bytes (RFC 791, RFC 8200): a refusal of smaller ones has other reasons.
    private static func smallest(_ family: IPAddress.Family) -> Int { family == .v4 ? 576 - 28 : 1280 - 48 }

    init(usesSegmentation: Bool) { (segmentsV4, segmentsV6) = (usesSegmentation, usesSegmentation) }

    @inline(__always)
    func allowsSegments(of size: Int, to address: IPAddress) -> Bool {
        guard limits.allow(size, to: address) else { return false }
        return address.family == .v4
            ? segmentsV4 && backlogV4.allowsSegments(to: address)
            : segmentsV6 && backlogV6.allowsSegments(to: address)
    }

    /// Sends the messages in their order. Without a socket all are lost.
    mutating func send(_ run: UnsafeOutgoingMessages, by socket: UDPSocket?, _ report: inout SendReport) {
        guard let socket else { return drop(run, from: 0, Errno(EAFNOSUPPORT), &report) }
        guard isBackedUp(socket.family) else {
            sendAll(run, by: socket, &report)
            // Single datagrams add little to the backlog.
            if run.hasSegments { updateBacklog(of: socket, waiting: socket.unsentBytes) }
            return
        }
        sendPathByPath(run, by: socket, &report)
    }

    /// Measures which paths add to the backlog.
    private mutating func sendPathByPath(
        _ run: UnsafeOutgoingMessages, by socket: UDPSocket, _ report: inout SendReport
    ) {
        var waiting = socket.unsentBytes
        var rest = run
        while let part = rest.takePath() {
            sendAll(part, by: socket, &report)
            let after = socket.unsentBytes
            if part.hasSegments { noteSent(part, waitingBefore: waiting, after: after) }
            waiting = after
        }
        updateBacklog(of: socket, waiting: waiting)
    }

    private func isBackedUp(_ family: IPAddress.Family) -> Bool {
        family == .v4 ? backlogV4.isLarge : backlogV6.isLarge
    }

    private mutating func noteSent(_ part: UnsafeOutgoingMessages, waitingBefore: Int, after: Int) {
        let remote = part.messages[0].path.remote.address
        if remote.family == .v4 {
            backlogV4.sent(part.byteCount, to: remote, waitingBefore: waitingBefore, after: after)
        } else {
            backlogV6.sent(part.byteCount, to: remote, waitingBefore: waitingBefore, after: after)
        }
    }

    private mutating func updateBacklog(of socket: UDPSocket, waiting: Int) {
        if socket.family == .v4 { backlogV4.update(waiting: waiting) } else { backlogV6.update(waiting: waiting) }
    }

    private mutating func sendAll(
        _ run: UnsafeOutgoingMessages, by socket: UDPSocket, _ report: inout SendReport
    ) {
        var patience = Patience()
        var next = 0
        while next < run.headers.count {
            do throws(Errno) {
                next += try socket.send(run.headers.baseAddress! + next, count: run.headers.count - next)
            } catch {
                if error.meansNoRoom {
                    guard patience.wait(for: socket, error) else { return drop(run, from: next, error, &report) }
                } else if error.code != ECONNREFUSED || !patience.takeRefusal() {
                    // A pending error of an earlier datagram is told in the place of sending.
                    resend(run.messages[next], &run.headers[next], by: socket, error, &report)
                    next += 1
                }
            }
        }
    }

    /// Sends a message that failed in other ways.
    private mutating func resend(
        _ message: UnsafeOutgoingMessage, _ header: inout MessageHeader, by socket: UDPSocket, _ failure: Errno,
        _ report: inout SendReport
    ) {
        if failure.mayMeanSource, message.source != nil {
            var other = header
            other.header.dropSource(message.family)
            if socket.sends(&other) {
                report.staleSources.append(message.path)
                return
            }
        }
        guard message.count > 1, failure.mayMeanSegmentation else {
            report.add(message.datagrams, on: message.path, failure)
            return
        }
        if sendSingly(message, header, by: socket, &report) { segmentationFailed(message, failure, &report) }
    }

    /// True when any went.
    private func sendSingly(
        _ message: UnsafeOutgoingMessage, _ header: MessageHeader, by socket: UDPSocket, _ report: inout SendReport
    ) -> Bool {
        var patience = Patience()
        var sent = 0
        for index in 0..<message.count {
            var single = header
            single.header.narrow(to: message.vectors + index)
            while true {
                do throws(Errno) {
                    sent += try socket.send(&single, count: 1)
                    break
                } catch {
                    if error.meansNoRoom, patience.wait(for: socket, error) { continue }
                    if error.code == ECONNREFUSED, patience.takeRefusal() { continue }
                    report.add(
                        UnsafeBufferPointer(rebasing: message.datagrams[index...index]), on: message.path, error)
                    break
                }
            }
        }
        return sent > 0
    }

    private mutating func segmentationFailed(
        _ message: UnsafeOutgoingMessage, _ failure: Errno, _ report: inout SendReport
    ) {
        let isRoutes = failure.code != EIO && message.segmentSize > Self.smallest(message.family)
        if isRoutes { return limits.add(message.segmentSize, to: message.path.remote.address) }
        if message.family == .v4 { segmentsV4 = false } else { segmentsV6 = false }
        report.segmentationFailure = failure
    }

    private func drop(
        _ run: UnsafeOutgoingMessages, from start: Int, _ failure: Errno, _ report: inout SendReport
    ) {
        for message in run.messages[start...] { report.add(message.datagrams, on: message.path, failure) }
    }
}

/// How long a flush may be held up: the TUN side waits meanwhile.
private struct Patience {
    private var waits = 5
    private var refusals = 1

    /// False when it is at its end.
    mutating func wait(for socket: UDPSocket, _ failure: Errno) -> Bool {
        guard waits > 0 else { return false }
        waits -= 1
        if failure == .tryAgain {
            socket.waitForRoom(milliseconds: 1)
        } else {
            // The queue of a device is full, which no socket tells of.
            Clock.sleep(microseconds: 200)
        }
        return true
    }

    mutating func takeRefusal() -> Bool {
        defer { refusals -= 1 }
        return refusals > 0
    }
}

extension Errno {
    fileprivate var meansNoRoom: Bool { self == .tryAgain || code == ENOBUFS }

    var mayMeanSource: Bool {
        switch code {
        case EINVAL, ENETUNREACH, EADDRNOTAVAIL, EHOSTUNREACH, ENODEV: true
        default: false
        }
    }

    fileprivate var mayMeanSegmentation: Bool {
        switch code {
        case EINVAL, EMSGSIZE, EIO, EOPNOTSUPP, ENOPROTOOPT: true
        default: false
        }
    }
}
