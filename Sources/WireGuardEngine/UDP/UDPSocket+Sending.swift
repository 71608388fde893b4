internal import CLinux
internal import Glibc
package import LinuxSystem
internal import WireGuardModel
package import WireGuardProtocol

extension UDPSocket {
    /// Sends messages up to the first that fails, and tells how many; the failure of the first one is thrown.
    func send(_ messages: UnsafeMutablePointer<MessageHeader>, count: Int) throws(Errno) -> Int {
        let raw = raw
        return Int(try syscall { clinux_send_messages(raw, messages, UInt32(count)) })
    }

    /// Whether one message could be sent.
    func sends(_ message: inout MessageHeader) -> Bool {
        (try? send(&message, count: 1)) == 1
    }

    /// Bytes that wait in device queues, with the kernel's overhead (SIOCOUTQ).
    var unsentBytes: Int { Int(clinux_unsent_bytes(raw)) }

    func waitForRoom(milliseconds: CInt) {
        var polled = pollfd(fd: raw, events: Int16(POLLOUT), revents: 0)
        poll(&polled, 1, milliseconds)
    }
}

extension WorkerSockets {
    package enum Delivery: Sendable {
        case sent
        /// The path's `local` is no address of ours any more: sent from another one, to be forgotten.
        case sentFromElsewhere
    }

    /// Sends one datagram at once, or throws the kernel's error. If `trafficClass` is nil, the socket's applies, which
    /// is that of handshakes.
    @discardableResult
    package func send(
        _ datagram: Span<UInt8>, to path: Path, trafficClass: UInt8? = nil
    ) throws(Errno) -> Delivery {
        guard let socket = socket(for: path.remote.address.family) else { throw Errno(EAFNOSUPPORT) }
        return try datagram.withUnsafeBytes { (datagram) throws(Errno) in
            // It is only read.
            var vector = iovec(
                iov_base: UnsafeMutableRawPointer(mutating: datagram.baseAddress), iov_len: datagram.count)
            return try withUnsafeMutablePointer(to: &vector) { (vector) throws(Errno) in
                try socket.send(vector, to: path, trafficClass)
            }
        }
    }
}

extension UDPSocket {
    fileprivate func send(
        _ vector: UnsafeMutablePointer<iovec>, to path: Path, _ trafficClass: UInt8?
    ) throws(Errno) -> WorkerSockets.Delivery {
        let message = UnsafeOutgoingMessage(
            path: path, trafficClass: trafficClass, vectors: vector, segmentSize: vector.pointee.iov_len,
            mostSegments: 1, mostBytes: 0)
        let room = UnsafeSocketName.room + UnsafeControlWriter.room
        return try withUnsafeTemporaryAllocation(byteCount: room, alignment: 8) { (margin) throws(Errno) in
            var header = MessageHeader()
            message.write(
                to: &header, name: margin.baseAddress!, control: margin.baseAddress! + UnsafeSocketName.room)
            do throws(Errno) {
                try sendPastRefusal(&header)
                return .sent
            } catch {
                guard error.mayMeanSource, message.source != nil else { throw error }
                header.header.dropSource(message.family)
                try sendPastRefusal(&header)
                return .sentFromElsewhere
            }
        }
    }

    /// A refusal that an earlier datagram met is told in the place of sending: once.
    private func sendPastRefusal(_ header: inout MessageHeader) throws(Errno) {
        do throws(Errno) {
            _ = try send(&header, count: 1)
        } catch {
            guard error == .connectionRefused else { throw error }
            _ = try send(&header, count: 1)
        }
    }
}
