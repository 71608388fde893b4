package import ByteText
internal import Glibc

/// The kernel's settings under /proc/sys, by their paths there, such as "net/ipv4/ip_forward". Those below "net"
/// are the ones of the calling thread's network namespace.
package enum Sysctl {
    /// Without the end of its line.
    package static func read(_ name: ByteString) throws(Errno) -> ByteString {
        let file = try FileDescriptor.open("/proc/sys/" + name)
        var buffer = ByteBuffer()
        try file.read(into: &buffer)
        let text = ByteString(copying: buffer.span)
        return text.hasSuffix("\n") ? ByteString(Array(text.bytes.dropLast())) : text
    }

    package static func write(_ value: ByteString, to name: ByteString) throws(Errno) {
        let file = try FileDescriptor.open("/proc/sys/" + name, flags: O_WRONLY)
        var output = OutputStream(descriptor: file.raw)
        output.buffer.append(value.span)
        if let failure = output.finish() { throw failure }
    }
}
