import Glibc
import Synchronization
import TestSupport

/// A daemon that answers every `get` with one prepared buffer, in as few system calls as there can be,
/// so that what is measured is the program that asks.
final class MemoryServer: Sendable {
    private static let folder = "/var/run/wireguard"
    private static let success = Array("errno=0\n\n".utf8)

    private let path: String
    private let madeFolder: Bool
    private let listener: CInt
    private let answer: [UInt8]
    /// Nil while nobody records them.
    private let requests = Mutex<[[UInt8]]?>(nil)
    private let worker = Mutex<Worker?>(nil)

    init(interface: String, answer: [UInt8]) throws {
        madeFolder = mkdir(Self.folder, 0o755) == 0
        path = "\(Self.folder)/\(interface).sock"
        self.answer = answer
        listener = try listening(at: path)
        worker.withLock { $0 = Worker { [self] in serve() } }
    }

    /// Stops listening and removes the socket; once or more.
    func stop() {
        guard let worker = self.worker.withLock({ $0.take() }) else { return }
        shutdown(listener, CInt(SHUT_RDWR))
        worker.join()
        close(listener)
        unlink(path)
        if madeFolder { rmdir(Self.folder) }
    }

    func startRecording() { requests.withLock { $0 = [] } }

    /// What was asked since the recording began.
    func finishRecording() -> [[UInt8]] { requests.withLock { $0.take() } ?? [] }

    private func serve() {
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { chunk.deallocate() }
        while case let connection = accept(listener, nil, nil), connection >= 0 {
            var size = CInt(4 << 20)
            setsockopt(connection, SOL_SOCKET, SO_SNDBUFFORCE, &size, socklen_t(MemoryLayout<CInt>.size))
            while let request = read(from: connection, chunk) {
                send(request == .get ? answer : Self.success, to: connection)
            }
            close(connection)
        }
    }

    private var isRecording: Bool { requests.withLock { $0 != nil } }

    private enum Request { case get, set }

    /// Reads until the empty line that ends a request; nil at the other side's end.
    private func read(from connection: CInt, _ chunk: UnsafeMutableRawBufferPointer) -> Request? {
        var kind: Request?
        var kept: [UInt8] = []
        var ending: [UInt8] = []
        repeat {
            let count = recv(connection, chunk.baseAddress!, chunk.count, 0)
            guard count > 0 else { return nil }
            let piece = chunk[..<count]
            kind = kind ?? (piece.starts(with: "get".utf8) ? .get : .set)
            if isRecording { kept += piece }
            ending = Array((ending + piece.suffix(2)).suffix(2))
        } while ending != [0x0a, 0x0a]
        requests.withLock { $0?.append(kept) }
        return kind
    }

    private func send(_ bytes: [UInt8], to connection: CInt) {
        bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = Glibc.send(connection, bytes.baseAddress! + sent, bytes.count - sent, CInt(MSG_NOSIGNAL))
                guard count > 0 else { return }
                sent += count
            }
        }
    }
}

private func listening(at path: String) throws -> CInt {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    let bound = withUnsafePointer(to: &address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    guard bound == 0, listen(descriptor, 64) == 0 else {
        defer { close(descriptor) }
        throw RunError(description: "\(path): \(String(cString: strerror(errno)))")
    }
    return descriptor
}
