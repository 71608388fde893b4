internal import ByteText
internal import Glibc
internal import WireGuardModel

/// The kernel's numbers of interfaces, as scopes of link-local addresses have them.
///
/// Asked through a UDP socket: if_nametoindex(3) and if_indextoname(3) open a Unix one, which the daemon's sandbox refuses.
enum InterfaceIndex {
    /// Nil where the network namespace that we are in has no such interface.
    static func index(of name: ByteString) -> UInt32? {
        guard name.count <= InterfaceName.longest else { return nil }
        var request = Request()
        for (place, byte) in name.bytes.enumerated() { request.bytes[place] = byte }
        return ask(SIOCGIFINDEX, &request) ? request.index : nil
    }

    /// Nil where the network namespace that we are in has no such interface.
    static func name(of index: UInt32) -> ByteString? {
        var request = Request()
        request.index = index
        guard ask(SIOCGIFNAME, &request) else { return nil }
        return ByteString((0..<InterfaceName.longest).map { request.bytes[$0] }.prefix { $0 != 0 }.map { $0 })
    }

    /// `struct ifreq`: 16 bytes of name, then a union, of which the interface's number is the first member here.
    private struct Request {
        var bytes = InlineArray<40, UInt8>(repeating: 0)

        var index: UInt32 {
            get { bytes.span.bytes.unsafeLoad(fromByteOffset: 16, as: UInt32.self) }
            set { for place in 0..<4 { bytes[16 + place] = UInt8(truncatingIfNeeded: newValue >> UInt32(8 * place)) } }
        }
    }

    private static func ask(_ question: CInt, _ request: inout Request) -> Bool {
        let socket = socket(AF_INET, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard socket != -1 else { return false }
        defer { close(socket) }
        return withUnsafeMutableBytes(of: &request.bytes) { ioctl(socket, UInt(question), $0.baseAddress!) == 0 }
    }
}
