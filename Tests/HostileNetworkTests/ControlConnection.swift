import Glibc
import TestSupport

/// A connection to a daemon's socket, as rude as a test wants.
final class ControlConnection {
    private let socket: CInt

    init(to interface: String) throws {
        socket = Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        try check(Int(socket), "socket")
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let path = Array("\(Arena.sockets)/\(interface).sock".utf8)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path) }
        let result = withUnsafePointer(to: name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let number = errno
            close(socket)
            throw RunError(description: "connect to \(interface): \(String(cString: strerror(number)))")
        }
        try wait(seconds: 30)
    }

    deinit { close(socket) }

    static func isPossible(to interface: String) -> Bool { (try? ControlConnection(to: interface)) != nil }

    private func wait(seconds: Int) throws {
        var patience = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            let size = socklen_t(MemoryLayout<timeval>.size)
            try check(Int(setsockopt(socket, SOL_SOCKET, option, &patience, size)), "setsockopt")
        }
    }

    /// False when the daemon takes no more.
    @discardableResult
    func say(_ text: String) -> Bool { say(Array(text.utf8)) }

    @discardableResult
    func say(_ bytes: [UInt8], waits: Bool = true) -> Bool {
        var rest = bytes[...]
        let flags = CInt(MSG_NOSIGNAL) | (waits ? 0 : CInt(MSG_DONTWAIT))
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, flags) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    func endSaying() { shutdown(socket, CInt(SHUT_WR)) }

    /// Up to the end of an answer, or of the connection.
    func hear() -> String {
        var heard: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while !heard.ends(with: "\n\n") {
            let count = recv(socket, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            heard += chunk[..<count]
        }
        return String(decoding: heard, as: UTF8.self)
    }
}

extension [UInt8] {
    fileprivate func ends(with end: String) -> Bool { suffix(end.utf8.count).elementsEqual(end.utf8) }
}
