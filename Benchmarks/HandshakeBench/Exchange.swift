import Glibc
import TestSupport
import WireGuardProtocol

/// A socket that keeps a daemon busy: a few messages are always on their way, and fewer than make any daemon ask for
/// cookies.
struct Exchange {
    private let socket: CInt
    private static let underWay = 48
    /// After so long without an answer what is under way counts as lost.
    private static let patience: CInt = 1000

    /// With a daemon on a port of the loopback.
    init(with port: UInt16) throws {
        socket = Glibc.socket(AF_INET, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var size: CInt = 1 << 20
        setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<CInt>.size))
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw RunError(description: "no socket: errno \(errno)") }
    }

    /// The responses to a crowd's initiations, as they came.
    func run(_ crowd: Crowd) throws -> [[UInt8]] {
        var responses: [[UInt8]] = []
        var (next, underWay) = (0, 0)
        while next < crowd.initiations.count || underWay > 0 {
            while underWay < Self.underWay, next < crowd.initiations.count {
                send(crowd.initiations[next])
                (next, underWay) = (next + 1, underWay + 1)
            }
            guard waits() else {
                underWay = 0
                continue
            }
            while let answer = receive() {
                underWay -= 1
                if answer.count == 92 { responses.append(answer) }
            }
        }
        guard responses.count * 10 > crowd.initiations.count * 9 else {
            throw RunError(description: "only \(responses.count) of \(crowd.initiations.count) were answered")
        }
        return responses
    }

    private func send(_ message: InitiationBytes) {
        message.span.withUnsafeBytes { _ = Glibc.send(socket, $0.baseAddress!, $0.count, 0) }
    }

    private func waits() -> Bool {
        var polled = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, Self.patience) == 1
    }

    /// What has come already; nil when nothing has.
    private func receive() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = recv(socket, &bytes, bytes.count, CInt(MSG_DONTWAIT))
        return count < 0 ? nil : Array(bytes[..<count])
    }
}
