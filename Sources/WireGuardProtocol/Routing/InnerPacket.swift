package import WireGuardModel

/// What routing needs to know of a packet inside the tunnel: the length that it claims and its addresses.
package struct InnerPacket: Sendable, BitwiseCopyable {
    /// Bytes of the packet by its own header, never more than there were; what follows them is padding.
    package let count: Int
    /// What follows the first header; of IPv6 it may be a further header.
    package let protocolNumber: UInt8
    package let source: IPAddress
    package let destination: IPAddress

    package static let headerLengthV4 = 20
    package static let headerLengthV6 = 40

    /// Nil unless `bytes` begin with a whole IPv4 or IPv6 packet: RFC 791 section 3.1, RFC 8200 section 3.
    ///
    /// What padding follows is for the caller to cut off. Payload and checksums are not looked at.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, bytes.count >= Self.headerLengthV4 else { return nil }
        switch start.load(as: UInt8.self) >> 4 {
        case 4: self.init(v4: start, available: bytes.count)
        case 6: self.init(v6: start, available: bytes.count)
        default: return nil
        }
    }

    /// At least 20 bytes are available.
    private init?(v4 start: UnsafeRawPointer, available: Int) {
        let headerLength = Int(start.load(as: UInt8.self) & 0xf) * 4
        count = Int(UInt16(bigEndian: start.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        guard headerLength >= Self.headerLengthV4, headerLength <= count, count <= available else { return nil }
        protocolNumber = start.load(fromByteOffset: 9, as: UInt8.self)
        source = IPAddress(v4: UInt32(bigEndian: start.loadUnaligned(fromByteOffset: 12, as: UInt32.self)))
        destination = IPAddress(v4: UInt32(bigEndian: start.loadUnaligned(fromByteOffset: 16, as: UInt32.self)))
    }

    private init?(v6 start: UnsafeRawPointer, available: Int) {
        guard available >= Self.headerLengthV6 else { return nil }
        let payloadLength = UInt16(bigEndian: start.loadUnaligned(fromByteOffset: 4, as: UInt16.self))
        count = Self.headerLengthV6 + Int(payloadLength)
        guard count <= available else { return nil }
        protocolNumber = start.load(fromByteOffset: 6, as: UInt8.self)
        source = Self.addressV6(start + 8)
        destination = Self.addressV6(start + 24)
    }

    private static func addressV6(_ start: UnsafeRawPointer) -> IPAddress {
        IPAddress(
            v6: UInt64(bigEndian: start.loadUnaligned(as: UInt64.self)),
            UInt64(bigEndian: start.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
}
