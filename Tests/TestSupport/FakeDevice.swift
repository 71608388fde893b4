import Glibc
import Synchronization

/// A userspace daemon that only pretends: it listens on a socket, writes down what it is asked, and
/// answers every `get` and every `set` with the same given text.
package final class FakeDevice: Sendable {
    package struct Behaviour: Sendable {
        package enum Ending: Sendable {
            /// Waits for more requests on the same connection, as real daemons do.
            case staysOpen
            /// Has nothing more to say after its answer.
            case endsAfterAnswer
            /// Closes before it reads a byte.
            case hangsUpAtOnce
        }

        package var toGet: [UInt8]
        package var toSet: [UInt8]
        package var ending: Ending

        package init(toGet: [UInt8] = [], toSet: [UInt8] = Array("errno=0\n\n".utf8), ending: Ending = .staysOpen) {
            (self.toGet, self.toSet, self.ending) = (toGet, toSet, ending)
        }
    }

    private let listener: CInt
    private let worker: Mutex<Worker?>
    private let log = RequestLog()

    /// Listens on `path` at once, so that whoever looks next finds a device.
    package init(at path: String, _ behaviour: Behaviour) throws {
        listener = try bindSocket(at: path)
        guard listen(listener, 64) == 0 else { throw RunError(description: "\(path): errno \(errno)") }
        worker = Mutex(Worker { [listener, log] in serve(listener, behaviour, log) })
    }

    /// The bytes of each request so far, connections without any left out.
    package var requests: [[UInt8]] { log.requests.withLock { $0 } }

    /// Serves who has connected, stops listening, and gives all requests. The socket's file stays.
    @discardableResult
    package func stop() -> [[UInt8]] {
        let worker = self.worker.withLock { $0.take() }
        if let worker {
            shutdown(listener, CInt(SHUT_RDWR))
            worker.join()
            close(listener)
        }
        return requests
    }

    deinit { stop() }

    /// Leaves a socket file that nobody listens on, as a daemon that crashed does.
    package static func leaveStaleSocket(at path: String) throws {
        close(try bindSocket(at: path))
    }
}

private final class RequestLog: Sendable {
    let requests = Mutex<[[UInt8]]>([])

    func append(_ request: [UInt8]) {
        if !request.isEmpty { requests.withLock { $0.append(request) } }
    }
}

private func bindSocket(at path: String) throws -> CInt {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
        throw RunError(description: "\(path): too long for a socket")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    let bound = withUnsafePointer(to: &address) { address in
        address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    guard bound == 0 else {
        defer { close(descriptor) }
        throw RunError(description: "\(path): \(String(cString: strerror(errno)))")
    }
    return descriptor
}

/// One connection after the other, until the listener is shut down and its queue empty.
private func serve(_ listener: CInt, _ behaviour: FakeDevice.Behaviour, _ log: RequestLog) {
    while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else {
            if errno == EINTR { continue }
            return
        }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        if behaviour.ending != .hangsUpAtOnce { converse(connection, behaviour, log) }
        close(connection)
    }
}

private func converse(_ connection: CInt, _ behaviour: FakeDevice.Behaviour, _ log: RequestLog) {
    while true {
        let request = readRequest(connection)
        log.append(request)
        guard request.ends(with: "\n\n") else { return }
        send(request.starts(with: "set=1\n".utf8) ? behaviour.toSet : behaviour.toGet, to: connection)
        if behaviour.ending == .endsAfterAnswer { shutdown(connection, CInt(SHUT_WR)) }
    }
}

/// Up to the empty line that ends a request, or as much as there is before the other side's end.
private func readRequest(_ connection: CInt) -> [UInt8] {
    var request: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while !request.ends(with: "\n\n") {
        let count = read(connection, &chunk, chunk.count)
        guard count > 0 else { break }
        request += chunk[..<count]
    }
    return request
}

private func send(_ answer: [UInt8], to connection: CInt) {
    var rest = answer[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}

extension [UInt8] {
    fileprivate func ends(with ending: StaticString) -> Bool {
        count >= ending.utf8CodeUnitCount
            && suffix(ending.utf8CodeUnitCount).elementsEqual(
                UnsafeBufferPointer(start: ending.utf8Start, count: ending.utf8CodeUnitCount))
    }
}
