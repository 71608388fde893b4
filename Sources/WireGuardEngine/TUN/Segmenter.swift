/// Why a frame from a TUN queue is not sent.
package enum DropReason: Error {
    /// Not even a header and the begin of a packet.
    case tooShort
    /// Its IP header contradicts the frame's length, version or segmentation.
    case badPacket
    /// A checksum where there is none.
    case badChecksumPlace
    /// To be cut in a way that we do not know or that makes no sense.
    case badSegmentation
    /// Not the transport header that the segmentation is for.
    case badTransport
}

/// What becomes of one frame of a TUN queue: the packet that it is, or those it has to be cut into.
///
/// The frame has to stay where it is as long as the plan is used. Nothing that it says about itself is believed
/// before it is checked, the length of its headers not at all: the kernel tells where its first page ends.
package struct UnsafeSegmentPlan: BitwiseCopyable {
    /// How many packets, at least one.
    package let count: Int
    /// Behind the frame's header.
    private let packet: UnsafeMutableRawPointer
    private let packetCount: Int
    private let header: VirtioNetHeader
    /// Only of use where there is something to cut.
    private let cut: Cut

    /// `frame`: a `VirtioNetHeader` and a packet, as `TunQueue.read` brings them.
    package init(frame: UnsafeMutableRawBufferPointer) throws(DropReason) {
        guard frame.count >= VirtioNetHeader.size + IPv4Header.length else { throw .tooShort }
        header = VirtioNetHeader(readFrom: frame.baseAddress!)
        packet = frame.baseAddress! + VirtioNetHeader.size
        packetCount = frame.count - VirtioNetHeader.size
        let needsChecksum = header.flags & VirtioNetHeader.needsChecksum != 0
        if needsChecksum {
            let place = Int(header.checksumStart) + Int(header.checksumOffset)
            guard place + MemoryLayout<UInt16>.size <= packetCount else { throw .badChecksumPlace }
        }
        if header.segmentation == VirtioNetHeader.Segmentation.none {
            (count, cut) = (1, Cut())
        } else {
            // Virtio 1.2, section 5.1.6.2: segmentation comes with a checksum to complete and a size.
            guard needsChecksum, header.segmentSize > 0 else { throw .badSegmentation }
            cut = try Cut(UnsafeRawPointer(packet), count: packetCount, header)
            let payload = packetCount - cut.headerLength
            count = max(1, (payload + cut.segmentSize - 1) / cut.segmentSize)
        }
    }

    /// The packet can be sent from where it is, after `finishInPlace`.
    package var isWhole: Bool { count == 1 }

    /// Completes the checksum of a whole packet.
    package func finishInPlace() { complete(packet) }

    /// Bytes of a packet.
    package func length(of index: Int) -> Int {
        guard count > 1 else { return packetCount }
        return cut.headerLength + payloadLength(of: index)
    }

    /// Writes a packet, `length(of:)` bytes, outside of the frame. Returns its length.
    package func write(_ index: Int, to target: UnsafeMutableRawPointer) -> Int {
        guard count > 1 else {
            target.copyMemory(from: packet, byteCount: packetCount)
            complete(target)
            return packetCount
        }
        let payloadLength = payloadLength(of: index)
        let offset = index * cut.segmentSize
        target.copyMemory(from: packet, byteCount: cut.headerLength)
        var sum = cut.transportSum
        sum.addCopying(packet + cut.headerLength + offset, to: target + cut.headerLength, count: payloadLength)
        writeNetworkHeader(index, cut.headerLength + payloadLength, target)
        if cut.isTCP {
            writeTCPHeader(index, sum, offset: offset, payloadLength, target + cut.transport)
        } else {
            writeUDPHeader(sum, payloadLength, target + cut.transport)
        }
        return cut.headerLength + payloadLength
    }

    @inline(__always)
    private func payloadLength(of index: Int) -> Int {
        min(cut.segmentSize, packetCount - cut.headerLength - index * cut.segmentSize)
    }

    private func complete(_ packet: UnsafeMutableRawPointer) {
        guard header.flags & VirtioNetHeader.needsChecksum != 0 else { return }
        let start = Int(header.checksumStart)
        var sum = Checksum()
        sum.add(packet + start, count: packetCount - start)
        packet.store(sum.nonzeroValue, at: start + Int(header.checksumOffset))
    }

    // MARK: Headers of a segment

    /// Identifications count up, as those of packets sent one by one.
    @inline(__always)
    private func writeNetworkHeader(_ index: Int, _ length: Int, _ target: UnsafeMutableRawPointer) {
        guard cut.isV4 else {
            return target.store(UInt16(length - IPv6Header.length), at: IPv6Header.payloadLength)
        }
        let identification: UInt16 = packet.number(at: IPv4Header.identification) &+ UInt16(truncatingIfNeeded: index)
        var sum = cut.networkSum
        sum.add(UInt16(length))
        sum.add(identification)
        target.store(UInt16(length), at: IPv4Header.totalLength)
        target.store(identification, at: IPv4Header.identification)
        target.store(sum.value, at: IPv4Header.checksum)
    }

    /// The end of the data is pushed and finished by the last segment; the window's reduction is told by the first
    /// (RFC 3168, section 6.1.2).
    @inline(__always)
    private func writeTCPHeader(
        _ index: Int, _ sum: Checksum, offset: Int, _ payloadLength: Int, _ target: UnsafeMutableRawPointer
    ) {
        let sequence: UInt32 = target.number(at: TCPHeader.sequence) &+ UInt32(truncatingIfNeeded: offset)
        var flags = target.byte(at: TCPHeader.flags)
        if index < count - 1 { flags &= ~(TCPHeader.fin | TCPHeader.psh) }
        if index > 0 { flags &= ~TCPHeader.cwr }
        var sum = sum
        sum.add(UInt16(truncatingIfNeeded: cut.headerLength - cut.transport + payloadLength))
        sum.add(UInt16(truncatingIfNeeded: sequence >> 16))
        sum.add(UInt16(truncatingIfNeeded: sequence))
        sum.add(UInt16(flags))
        target.store(sequence, at: TCPHeader.sequence)
        target.storeBytes(of: flags, toByteOffset: TCPHeader.flags, as: UInt8.self)
        target.store(sum.value, at: TCPHeader.checksum)
    }

    @inline(__always)
    private func writeUDPHeader(_ sum: Checksum, _ payloadLength: Int, _ target: UnsafeMutableRawPointer) {
        let length = UInt16(truncatingIfNeeded: UDPHeader.length + payloadLength)
        var sum = sum
        // In the pseudo header and in the header itself.
        sum.add(length)
        sum.add(length)
        target.store(length, at: UDPHeader.datagramLength)
        target.store(sum.nonzeroValue, at: UDPHeader.checksum)
    }
}
