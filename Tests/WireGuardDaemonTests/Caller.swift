import ByteText
import Glibc
import LinuxSystem
import TestSupport

/// A client of a control socket, as slow and rude as a test wants. A call that waits for half a minute fails.
final class Caller {
    private let socket: FileDescriptor

    init(_ path: String) throws {
        socket = try UnixSocket.connect(to: ByteString(path))
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(socket.raw, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    func say(_ text: String) throws { try say(text.bytes) }

    func say(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(socket.raw, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Errno.last }
            rest = rest.dropFirst(count)
        }
    }

    func endSaying() { shutdown(socket.raw, CInt(SHUT_WR)) }

    /// As many answers, each up to its empty line, or what there is before the end.
    func hear(answers: Int = 1) throws -> String {
        var heard: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var count = 0
        while count < answers {
            let read = recv(socket.raw, &chunk, chunk.count, 0)
            guard read >= 0 else { throw Errno.last }
            guard read > 0 else { break }
            let start = max(heard.count - 1, 0)
            heard += chunk[..<read]
            count += Self.emptyLines(in: heard, from: start)
        }
        return heard.text
    }

    private static func emptyLines(in text: [UInt8], from start: Int) -> Int {
        var count = 0
        var place = start
        let span = text.span
        while let newline = span.firstIndex(of: 10, from: place) {
            if newline > start, text[newline - 1] == 10 { count += 1 }
            place = newline + 1
        }
        return count
    }

    func ask(_ request: String) throws -> String {
        try say(request)
        return try hear()
    }

    /// What is said up to the end of the connection; an end by force is one too.
    func hearToEnd() throws -> String {
        do {
            return try hear(answers: .max)
        } catch let error as Errno where error.code == ECONNRESET {
            return ""
        }
    }
}
