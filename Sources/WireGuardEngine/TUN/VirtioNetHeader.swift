/// The header in front of each packet of a TUN queue: how to cut it, and which checksum is still to be
/// computed (struct virtio_net_hdr; virtio 1.2, section 5.1.6). Its numbers are in the machine's byte order.
package struct VirtioNetHeader: Equatable, Sendable, BitwiseCopyable {
    package var flags: UInt8
    package var segmentation: UInt8
    /// Bytes of all headers. What the kernel says here is only where its first page ends.
    package var headerLength: UInt16
    /// Bytes of payload in each packet that this one is cut into, but for the last.
    package var segmentSize: UInt16
    /// From where on the bytes are summed up: the transport header.
    package var checksumStart: UInt16
    /// Where the sum goes, counted from there; the sum of the pseudo header is there already.
    package var checksumOffset: UInt16

    package static let size = 10

    /// A checksum is to be computed.
    package static let needsChecksum: UInt8 = 1
    /// Whoever hands over the packet knows its checksum to be right. From a TUN device Linux takes no notice of it yet
    /// (as of 6.18), and no harm.
    package static let checksumIsValid: UInt8 = 2

    /// Values of `segmentation`.
    package enum Segmentation {
        package static let none: UInt8 = 0
        package static let tcpV4: UInt8 = 1
        package static let tcpV6: UInt8 = 4
        package static let udp: UInt8 = 5
        /// Added to one of TCP: the first packet has the CWR flag, which none of the following has.
        package static let ecn: UInt8 = 0x80
    }

    /// Of a packet to be taken as it is.
    package init(flags: UInt8 = 0) {
        self.init(
            flags: flags, segmentation: Segmentation.none, headerLength: 0, segmentSize: 0, checksumStart: 0,
            checksumOffset: 0)
    }

    package init(
        flags: UInt8, segmentation: UInt8, headerLength: UInt16, segmentSize: UInt16, checksumStart: UInt16,
        checksumOffset: UInt16
    ) {
        self.flags = flags
        self.segmentation = segmentation
        self.headerLength = headerLength
        self.segmentSize = segmentSize
        self.checksumStart = checksumStart
        self.checksumOffset = checksumOffset
    }

    /// From the 10 bytes at `start`.
    package init(readFrom start: UnsafeRawPointer) {
        self.init(
            flags: start.load(as: UInt8.self),
            segmentation: start.load(fromByteOffset: 1, as: UInt8.self),
            headerLength: start.loadUnaligned(fromByteOffset: 2, as: UInt16.self),
            segmentSize: start.loadUnaligned(fromByteOffset: 4, as: UInt16.self),
            checksumStart: start.loadUnaligned(fromByteOffset: 6, as: UInt16.self),
            checksumOffset: start.loadUnaligned(fromByteOffset: 8, as: UInt16.self))
    }

    /// To the 10 bytes at `start`.
    package func write(to start: UnsafeMutableRawPointer) {
        start.storeBytes(of: flags, as: UInt8.self)
        start.storeBytes(of: segmentation, toByteOffset: 1, as: UInt8.self)
        start.storeBytes(of: headerLength, toByteOffset: 2, as: UInt16.self)
        start.storeBytes(of: segmentSize, toByteOffset: 4, as: UInt16.self)
        start.storeBytes(of: checksumStart, toByteOffset: 6, as: UInt16.self)
        start.storeBytes(of: checksumOffset, toByteOffset: 8, as: UInt16.self)
    }
}
