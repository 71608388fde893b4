import Glibc
import WireGuardModel

/// Addresses as the C library reads and writes them.
extension IPAddress {
    init(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        let isV6 = text.contains(":")
        precondition(inet_pton(isV6 ? AF_INET6 : AF_INET, text, &bytes) == 1, text)
        let count = isV6 ? 16 : 4
        self.init(bytes: bytes.span.extracting(..<count))!
    }

    var text: String {
        let bytes = (0..<16).map { networkBytes[$0] }
        var text = [CChar](repeating: 0, count: 64)
        return text.withUnsafeMutableBufferPointer {
            String(cString: inet_ntop(family == .v4 ? AF_INET : AF_INET6, bytes, $0.baseAddress!, 64))
        }
    }
}

extension AllowedIP {
    /// From "address/length".
    init(_ text: String) {
        let parts = text.split(separator: "/")
        self.init(IPAddress(String(parts[0])), prefixLength: UInt8(parts[1])!)!
    }

    var text: String { "\(address.text)/\(prefixLength)" }
}
