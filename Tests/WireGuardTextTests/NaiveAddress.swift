import ByteText
import Glibc
import TestSupport
import WireGuardModel
import WireGuardText

/// Addresses as the C library reads and writes them.
enum NaiveAddress {
    /// The bytes in network order.
    static func read(_ text: [UInt8]) -> [UInt8]? {
        guard !text.contains(0) else { return nil }
        let isV6 = text.contains(UInt8(ascii: ":"))
        var raw = [UInt8](repeating: 0, count: isV6 ? 16 : 4)
        let characters = text.map { CChar(bitPattern: $0) } + [0]
        return inet_pton(isV6 ? AF_INET6 : AF_INET, characters, &raw) == 1 ? raw : nil
    }

    static func write(_ raw: [UInt8]) -> String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        return String(cString: inet_ntop(raw.count == 4 ? AF_INET : AF_INET6, raw, &text, socklen_t(text.count)))
    }

    /// "HOST:PORT" as getnameinfo has it, with the scope behind the host.
    static func write(_ raw: [UInt8], port: UInt16, scope: UInt32) -> String {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_scope_id = scope
        withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: raw) }
        var host = [CChar](repeating: 0, count: 256)
        let failure = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getnameinfo($0, socklen_t(MemoryLayout<sockaddr_in6>.size), &host, 256, nil, 0, NI_NUMERICHOST)
            }
        }
        precondition(failure == 0)
        return "[\(host.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })]:\(port)"
    }
}

extension IPAddress {
    var raw: [UInt8] {
        let bytes = networkBytes
        return Array(copying: bytes.span.extracting(..<family.byteCount))
    }
}
