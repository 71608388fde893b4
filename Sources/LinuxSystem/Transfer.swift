package import ByteText
internal import Glibc

/// What a call on a stream that must not wait came to.
package enum Transfer: Equatable, Sendable {
    /// At least one byte moved.
    case moved(Int)
    /// Nothing to read yet, or no room to write into.
    case wouldBlock
    /// The other side has sent all that it will.
    case ended
}

extension FileDescriptor {
    /// Appends what a socket has for us, at most `room` bytes, and never waits.
    package borrowing func receive(into buffer: inout ByteBuffer, room: Int = 1 << 14) throws(Errno) -> Transfer {
        let raw = raw
        let before = buffer.count
        do throws(Errno) {
            try buffer.append(room: room) { (free) throws(Errno) in
                try syscall { recv(raw, free.baseAddress!, room, CInt(MSG_DONTWAIT)) }
            }
        } catch {
            if error == .tryAgain { return .wouldBlock }
            throw error
        }
        return buffer.count == before ? .ended : .moved(buffer.count - before)
    }

    /// Sends as much of `bytes` as a socket takes, and never waits. One that hung up throws EPIPE or
    /// ECONNRESET and raises no signal. `bytes` are not empty.
    package borrowing func send(_ bytes: Span<UInt8>) throws(Errno) -> Transfer {
        let raw = raw
        let flags = CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL)
        do throws(Errno) {
            let sent = try bytes.withUnsafeBufferPointer { (bytes) throws(Errno) in
                try syscall { Glibc.send(raw, bytes.baseAddress!, bytes.count, flags) }
            }
            return .moved(sent)
        } catch {
            if error == .tryAgain { return .wouldBlock }
            throw error
        }
    }

    /// For descriptors that somebody else opened: calls on them return EAGAIN instead of waiting.
    package borrowing func setNonBlocking() throws(Errno) {
        let raw = raw
        let flags = try syscall { fcntl(raw, F_GETFL) }
        try syscall { fcntl(raw, F_SETFL, flags | O_NONBLOCK) }
    }

    /// For descriptors that somebody else opened: programs that we start do not get them.
    package borrowing func setCloseOnExec() throws(Errno) {
        let raw = raw
        try syscall { fcntl(raw, F_SETFD, FD_CLOEXEC) }
    }
}
