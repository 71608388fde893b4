package import ByteText
internal import Glibc

package enum UnixSocket {
    /// Connects to the listener at `path`.
    package static func connect(to path: ByteString) throws(Errno) -> FileDescriptor {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .nameTooLong }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.bytes) }
        let raw = try syscall { socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0) }
        let descriptor = FileDescriptor(owning: raw)
        try withUnsafePointer(to: &address) { (address) throws(Errno) in
            try address.withMemoryRebound(to: sockaddr.self, capacity: 1) { (address) throws(Errno) in
                _ = try syscall { Glibc.connect(raw, address, socklen_t(MemoryLayout<sockaddr_un>.size)) }
            }
        }
        return descriptor
    }
}
