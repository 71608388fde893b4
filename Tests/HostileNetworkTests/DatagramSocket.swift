import Glibc
import TestSupport

/// A UDP socket on the loopback of an arena.
final class DatagramSocket: Sendable {
    enum Family: Sendable { case v4, v6 }

    let descriptor: CInt
    let port: UInt16
    private let family: Family

    /// At 127.0.0.1 or ::1, or at all addresses, on a free port.
    init(_ family: Family = .v4, atAllAddresses: Bool = false) throws {
        self.family = family
        let socket = Glibc.socket(
            family == .v4 ? AF_INET : AF_INET6, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        descriptor = CInt(try check(Int(socket), "socket"))
        var size: CInt = 4 << 20
        setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<CInt>.size))
        var name = atAllAddresses ? SocketName(.v4, port: 0, v4: 0) : SocketName(family, port: 0)
        var count = name.count
        name.withMutablePointer { name in
            _ = bind(socket, name, count)
            getsockname(socket, name, &count)
        }
        port = name.port
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8], to port: UInt16) throws {
        let name = SocketName(family, port: port)
        let count = bytes.withUnsafeBytes { bytes in
            name.withPointer { sendto(descriptor, bytes.baseAddress, bytes.count, 0, $0, $1) }
        }
        try check(count, "send \(bytes.count)")
    }

    /// What has come already; nil when nothing has.
    func receive() -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &bytes, bytes.count, CInt(MSG_DONTWAIT))
        return count < 0 ? nil : Array(bytes[..<count])
    }

    /// Waits for what is to come for a part of a second.
    func hasMore() -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, 100) == 1
    }
}

/// A port of the loopback.
struct SocketName {
    typealias Storage = sockaddr_storage

    private(set) var storage = Storage()
    let count: socklen_t

    init(_ family: DatagramSocket.Family, port: UInt16, v4: UInt32 = 0x7f00_0001) {
        let size = family == .v4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
        count = socklen_t(size)
        withUnsafeMutableBytes(of: &storage) { bytes in
            switch family {
            case .v4:
                let name = bytes.bindMemory(to: sockaddr_in.self).baseAddress!
                name.pointee.sin_family = sa_family_t(AF_INET)
                name.pointee.sin_port = port.bigEndian
                name.pointee.sin_addr.s_addr = v4.bigEndian
            case .v6:
                let name = bytes.bindMemory(to: sockaddr_in6.self).baseAddress!
                name.pointee.sin6_family = sa_family_t(AF_INET6)
                name.pointee.sin6_port = port.bigEndian
                name.pointee.sin6_addr = in6addr_loopback
            }
        }
    }

    /// At the same place in both families.
    var port: UInt16 { withUnsafeBytes(of: storage) { UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self)) } }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, count) }
        }
    }

    mutating func withMutablePointer<Result>(_ body: (UnsafeMutablePointer<sockaddr>) -> Result) -> Result {
        withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
        }
    }
}
