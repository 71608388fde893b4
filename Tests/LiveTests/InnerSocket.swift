import Glibc
import TestSupport

/// A socket of a program on one of the machines. It waits, but not for ever.
final class InnerSocket: Sendable {
    let descriptor: CInt

    private init(owning descriptor: CInt) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// In the network of the machine, whoever uses it from where.
    init(_ type: __socket_type, to name: SocketName, on machine: String, in laboratory: Laboratory) throws {
        let family = CInt(name.storage.ss_family)
        descriptor = try laboratory.network(of: machine).run {
            try check(socket(family, CInt(type.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0), "socket")
        }
        try wait(seconds: 20)
    }

    func set(_ level: CInt, _ option: CInt, _ value: CInt) throws {
        var value = value
        try check(setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size)), "setsockopt")
    }

    /// How long it waits for what comes in, or for room.
    func wait(seconds: Int, microseconds: Int = 0) throws {
        var patience = timeval(tv_sec: seconds, tv_usec: microseconds)
        let size = socklen_t(MemoryLayout<timeval>.size)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            try check(setsockopt(descriptor, SOL_SOCKET, option, &patience, size), "setsockopt")
        }
    }

    func bind(_ name: SocketName) throws {
        try check(name.withPointer { Glibc.bind(descriptor, $0, $1) }, "bind \(name)")
    }

    func connect(_ name: SocketName) throws {
        try check(name.withPointer { Glibc.connect(descriptor, $0, $1) }, "connect \(name)")
    }

    func send(_ bytes: some RandomAccessCollection<UInt8>) throws {
        let count = Array(bytes).withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
        }
        try check(count == bytes.count ? 0 : -1, "send \(bytes.count)")
    }

    /// Nil when nothing comes.
    func receive(atMost: Int = 65536) throws -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: atMost)
        let count = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        if count < 0, errno == EAGAIN { return nil }
        try check(count < 0 ? -1 : 0, "recv")
        return Array(bytes[..<count])
    }
}

extension InnerSocket {
    /// A datagram socket at an address of its machine's, which talks to another.
    static func datagrams(
        on node: Node, at own: SocketName, to other: SocketName
    ) throws -> InnerSocket {
        let socket = try InnerSocket(SOCK_DGRAM, to: own, on: node.name, in: node.laboratory)
        try socket.set(SOL_SOCKET, SO_RCVBUF, 4 << 20)
        try socket.bind(own)
        try socket.connect(other)
        return socket
    }

    /// Both ends of a connection from one node to an address of the other's.
    static func connection(from left: Node, to right: Node, at address: String) throws -> (InnerSocket, InnerSocket) {
        let name = SocketName(address, port: 5001)
        let listener = try InnerSocket(SOCK_STREAM, to: name, on: right.name, in: right.laboratory)
        try listener.bind(name)
        try check(listen(listener.descriptor, 1), "listen")
        let caller = try InnerSocket(SOCK_STREAM, to: name, on: left.name, in: left.laboratory)
        try caller.connect(name)
        let accepted = InnerSocket(owning: try check(accept(listener.descriptor, nil, nil), "accept"))
        try accepted.wait(seconds: 20)
        return (caller, accepted)
    }
}

/// An address and a port.
struct SocketName: Sendable, CustomStringConvertible {
    let description: String
    fileprivate(set) var storage = sockaddr_storage()

    init(_ address: String, port: UInt16) {
        description = "\(address) port \(port)"
        withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                $0.pointee.sin_family = sa_family_t(AF_INET)
                $0.pointee.sin_port = port.bigEndian
                if inet_pton(AF_INET, address, &$0.pointee.sin_addr) == 1 { return }
                storage.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    $0.pointee = sockaddr_in6()
                    $0.pointee.sin6_family = sa_family_t(AF_INET6)
                    $0.pointee.sin6_port = port.bigEndian
                    precondition(inet_pton(AF_INET6, address, &$0.pointee.sin6_addr) == 1, address)
                }
            }
        }
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                let isV4 = name.pointee.sa_family == sa_family_t(AF_INET)
                return body(
                    name, socklen_t(isV4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size))
            }
        }
    }
}

@discardableResult
func check(_ result: CInt, _ what: String) throws -> CInt {
    guard result >= 0 else { throw LaboratoryError("\(what): \(String(cString: strerror(errno)))") }
    return result
}
