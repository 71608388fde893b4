package import ByteText
internal import CMnl
package import LinuxSystem

/// Reads a run of netlink attributes.
package enum NetlinkAttributes {
    /// Calls `body` with each attribute's type and content. Throws a protocol error where an attribute
    /// is cut off or claims more than there is.
    package static func forEach(
        in bytes: Span<UInt8>, _ body: (UInt32, Span<UInt8>) throws(Errno) -> Void
    ) throws(Errno) {
        try bytes.withUnsafeBytes { (raw) throws(Errno) in
            var offset = 0
            while offset < raw.count {
                let attribute = (raw.baseAddress! + offset).assumingMemoryBound(to: nlattr.self)
                guard mnl_attr_ok(attribute, CInt(raw.count - offset)) else { throw .protocolError }
                let content = UnsafeBufferPointer(
                    start: mnl_attr_get_payload(attribute)!.assumingMemoryBound(to: UInt8.self),
                    count: Int(mnl_attr_get_payload_len(attribute)))
                try body(UInt32(mnl_attr_get_type(attribute)), content.span)
                offset += (Int(mnl_attr_get_len(attribute)) + 3) & ~3
            }
        }
    }
}

extension Span<UInt8> {
    /// The number that is the whole content of an attribute, in the machine's byte order.
    package func number<N: FixedWidthInteger & BitwiseCopyable>(_: N.Type = N.self) throws(Errno) -> N {
        guard count == MemoryLayout<N>.size else { throw .protocolError }
        return bytes.unsafeLoadUnaligned(as: N.self)
    }

    /// An attribute's text without the NUL that ends it.
    package var text: ByteString { ByteString(copying: extracting(..<(firstIndex(of: 0) ?? count))) }
}
