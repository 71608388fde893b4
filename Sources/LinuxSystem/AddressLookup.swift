package import ByteText
internal import Glibc
internal import Synchronization

/// getaddrinfo for UDP.
package enum AddressLookup {
    package struct Failure: Error, Equatable {
        package let reason: String
        /// Asking again cannot help: the name does not exist, or has no address.
        package let isPermanent: Bool
    }

    /// The first address that a host and port stand for. With `numericHost` nobody is asked for names.
    ///
    /// Name servers may not answer for minutes: a noted ``EndRequest`` ends the wait for them.
    package static func find(
        host: ByteString, port: ByteString, numericHost: Bool = false
    ) throws(Failure) -> SocketAddress {
        if EndRequest.isNoting, !numericHost { return try findUnlessAskedToEnd(host, port) }
        return try find(host, port, flags: numericHost ? AI_NUMERICHOST : 0)
    }

    /// The UDP port that a service name, or a number in any form that C reads, stands for.
    package static func findPort(_ port: ByteString) throws(Failure) -> UInt16 {
        try find(nil, port, flags: AI_PASSIVE).port
    }

    private static func find(_ host: ByteString, _ port: ByteString, flags: CInt) throws(Failure) -> SocketAddress {
        try host.withCString { (host) throws(Failure) in try find(host, port, flags: flags) }
    }

    /// getaddrinfo cannot be interrupted: it runs on a thread, which goes on alone when a signal comes first.
    private static func findUnlessAskedToEnd(_ host: ByteString, _ port: ByteString) throws(Failure) -> SocketAddress {
        guard let pending = try? Pending() else { throw Failure(EAI_SYSTEM) }
        let thread = try? Thread(name: "lookup") {
            do throws(Failure) {
                pending.finish(.success(try find(host, port, flags: 0)))
            } catch {
                pending.finish(.failure(error))
            }
        }
        if thread == nil { throw Failure(EAI_SYSTEM) }
        guard let result = pending.wait() else { throw Failure(reason: "Interrupted", isPermanent: true) }
        return try result.get()
    }

    /// A look-up on another thread.
    private final class Pending: Sendable {
        private let result = Mutex<Result<SocketAddress, Failure>?>(nil)
        private let isFinished: EventFD

        init() throws(Errno) { isFinished = try EventFD() }

        func finish(_ outcome: Result<SocketAddress, Failure>) {
            result.withLock { $0 = outcome }
            isFinished.signal()
        }

        /// The result; nil if a request to end came first.
        func wait() -> Result<SocketAddress, Failure>? {
            EndRequest.wait(for: isFinished.raw) ? result.withLock { $0 } : nil
        }
    }

    private static func find(
        _ host: UnsafePointer<CChar>?, _ port: ByteString, flags: CInt
    ) throws(Failure) -> SocketAddress {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = CInt(SOCK_DGRAM.rawValue)
        hints.ai_protocol = CInt(IPPROTO_UDP)
        hints.ai_flags = flags
        var results: UnsafeMutablePointer<addrinfo>?
        let code = port.withCString { getaddrinfo(host, $0, &hints, &results) }
        guard code == 0 else { throw Failure(code) }
        defer { freeaddrinfo(results) }
        for result in sequence(first: results!, next: { $0.pointee.ai_next }) {
            let raw = UnsafeRawBufferPointer(start: result.pointee.ai_addr, count: Int(result.pointee.ai_addrlen))
            if let address = SocketAddress(raw: Array(raw).span) { return address }
        }
        throw Failure(EAI_NONAME)
    }
}

extension AddressLookup.Failure {
    fileprivate init(_ code: CInt) {
        reason = code == EAI_SYSTEM ? Errno.last.description : String(cString: gai_strerror(code))
        // EAI_NODATA, -5, is still given by Glibc, though its header hides the name.
        isPermanent = code == EAI_NONAME || code == EAI_FAIL || code == -5
    }
}
