package import ByteText
internal import Glibc

/// getaddrinfo for UDP.
package enum AddressLookup {
    package struct Failure: Error, Equatable {
        package let reason: String
        /// Asking again cannot help: the name does not exist, or has no address.
        package let isPermanent: Bool
    }

    /// The first address that a host and port stand for. With `numericHost` nobody is asked for names.
    package static func find(
        host: ByteString, port: ByteString, numericHost: Bool = false
    ) throws(Failure) -> SocketAddress {
        try host.withCString { (host) throws(Failure) in
            try find(host, port, flags: numericHost ? AI_NUMERICHOST : 0)
        }
    }

    /// The UDP port that a service name, or a number in any form that C reads, stands for.
    package static func findPort(_ port: ByteString) throws(Failure) -> UInt16 {
        try find(nil, port, flags: AI_PASSIVE).port
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
