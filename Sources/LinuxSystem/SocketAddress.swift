package import ByteText
internal import Glibc

/// An IP address and port as the socket calls know them.
package struct SocketAddress: Equatable, Sendable {
    /// 4 or 16 bytes in network order.
    package let address: ByteString
    package let port: UInt16
    /// Interface index of a link-local IPv6 address, else 0.
    package let scope: UInt32

    package init(address: ByteString, port: UInt16, scope: UInt32) {
        (self.address, self.port, self.scope) = (address, port, scope)
    }

    /// From the bytes of a `sockaddr_in` or `sockaddr_in6`; nil for other families and when they are too few.
    package init?(raw: Span<UInt8>) {
        let decoded: SocketAddress? = raw.withUnsafeBytes { raw in
            guard raw.count >= 2 else { return nil }
            switch CInt(raw.loadUnaligned(as: sa_family_t.self)) {
            case AF_INET where raw.count >= MemoryLayout<sockaddr_in>.size:
                return SocketAddress(raw.loadUnaligned(as: sockaddr_in.self))
            case AF_INET6 where raw.count >= MemoryLayout<sockaddr_in6>.size:
                return SocketAddress(raw.loadUnaligned(as: sockaddr_in6.self))
            default: return nil
            }
        }
        guard let decoded else { return nil }
        self = decoded
    }

    private init(_ v4: sockaddr_in) {
        let address = withUnsafeBytes(of: v4.sin_addr) { ByteString(Array($0)) }
        self.init(address: address, port: UInt16(bigEndian: v4.sin_port), scope: 0)
    }

    private init(_ v6: sockaddr_in6) {
        let address = withUnsafeBytes(of: v6.sin6_addr) { ByteString(Array($0)) }
        self.init(address: address, port: UInt16(bigEndian: v6.sin6_port), scope: v6.sin6_scope_id)
    }
}

extension SocketAddress {
    /// Appends a `sockaddr_in` or `sockaddr_in6`.
    package func appendRaw(to buffer: inout ByteBuffer) {
        if address.count == 4 {
            var raw = sockaddr_in()
            raw.sin_family = sa_family_t(AF_INET)
            raw.sin_port = port.bigEndian
            withUnsafeMutableBytes(of: &raw.sin_addr) { $0.copyBytes(from: address.bytes) }
            withUnsafeBytes(of: &raw) { buffer.append(Span(_unsafeBytes: $0)) }
        } else {
            var raw = sockaddr_in6()
            raw.sin6_family = sa_family_t(AF_INET6)
            raw.sin6_port = port.bigEndian
            raw.sin6_scope_id = scope
            withUnsafeMutableBytes(of: &raw.sin6_addr) { $0.copyBytes(from: address.bytes) }
            withUnsafeBytes(of: &raw) { buffer.append(Span(_unsafeBytes: $0)) }
        }
    }
}

/// Address family numbers as netlink carries them.
package enum SocketFamily {
    package static let v4 = UInt16(AF_INET)
    package static let v6 = UInt16(AF_INET6)
}
