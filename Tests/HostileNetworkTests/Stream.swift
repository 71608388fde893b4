import Glibc
import Synchronization
import TestSupport

/// A TCP connection through a tunnel that carries as much as it can.
final class Stream: Sendable {
    private let traffic = Traffic()
    private let ends: Mutex<[CInt]>
    private let workers: Mutex<[Worker]>

    private final class Traffic: Sendable {
        let received = Atomic(0)
    }

    init(from left: Site, to right: Site) throws {
        let listener = try right.inner.run { try listen() }
        defer { close(listener) }
        let target = right.innerAddress
        let caller = try left.inner.run { try call(target) }
        let callee = accept(listener, nil, nil)
        try check(Int(callee), "accept")
        let traffic = traffic
        ends = Mutex([caller, callee])
        workers = Mutex([
            Worker { pump(into: caller) },
            Worker { drain(callee) { traffic.received.wrappingAdd($0, ordering: .relaxed) } },
        ])
    }

    deinit {
        let ends = ends.withLock { $0 }
        for end in ends { shutdown(end, CInt(SHUT_RDWR)) }
        for worker in workers.withLock({ $0 }) { worker.join() }
        for end in ends { close(end) }
    }

    /// Bytes that have arrived.
    var received: Int { traffic.received.load(ordering: .relaxed) }

    /// Whether more arrives before long.
    var flows: Bool {
        let before = received
        return waits { received > before }
    }
}

private let port: UInt16 = 5001

private func listen() throws -> CInt {
    let listener = try streamSocket()
    // Connections of before may linger on it.
    var isShared: CInt = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &isShared, socklen_t(MemoryLayout<CInt>.size))
    let name = SocketName(.v4, port: port, v4: 0)
    try check(Int(name.withPointer { bind(listener, $0, $1) }), "bind")
    try check(Int(Glibc.listen(listener, 1)), "listen")
    return listener
}

private func call(_ address: String) throws -> CInt {
    let caller = try streamSocket()
    var number = in_addr()
    inet_pton(AF_INET, address, &number)
    let name = SocketName(.v4, port: port, v4: UInt32(bigEndian: number.s_addr))
    try check(Int(name.withPointer { connect(caller, $0, $1) }), "connect to \(address)")
    return caller
}

private func streamSocket() throws -> CInt {
    CInt(try check(Int(socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)), "socket"))
}

/// Until the connection ends.
private func pump(into socket: CInt) {
    let bytes = [UInt8](repeating: 0x5a, count: 1 << 18)
    while send(socket, bytes, bytes.count, CInt(MSG_NOSIGNAL)) > 0 {}
}

private func drain(_ socket: CInt, _ count: (Int) -> Void) {
    var bytes = [UInt8](repeating: 0, count: 1 << 18)
    while true {
        let received = recv(socket, &bytes, bytes.count, 0)
        guard received > 0 else { return }
        count(received)
    }
}
