/// A TCP or UDP packet seen as part of a flow: what may be joined with what.
///
/// Joined packets are alike but for lengths, checksums, sequence and identification, so that whoever cuts them
/// apart again gets the same packets. Kept apart is therefore what differs in congestion marks, acknowledgement,
/// window or options, as timestamps do.
struct UnsafeFlowPacket: BitwiseCopyable {
    let start: UnsafeMutableRawPointer
    let isV4: Bool
    let isTCP: Bool
    /// Bytes of all headers.
    let headerLength: Int
    /// Bytes of payload.
    let payloadLength: Int

    @inline(__always)
    var networkLength: Int { isV4 ? IPv4Header.length : IPv6Header.length }

    @inline(__always)
    var transport: UnsafeMutableRawPointer { start + networkLength }

    @inline(__always)
    var sequence: UInt32 { transport.number(at: TCPHeader.sequence) }

    @inline(__always)
    var identification: UInt16 { start.number(at: IPv4Header.identification) }

    /// Others may follow in the same frame: it carries data and says nothing that only one segment may say.
    @inline(__always)
    var canLead: Bool {
        guard payloadLength > 0 else { return false }
        if isTCP { return transport.byte(at: TCPHeader.flags) & ~TCPHeader.ece == TCPHeader.ack }
        // Without a checksum it would get one.
        return transport.number(at: UDPHeader.checksum, UInt16.self) != 0
    }

    /// It may follow, but nothing may follow it.
    @inline(__always)
    var isLast: Bool {
        isTCP && transport.byte(at: TCPHeader.flags) & (TCPHeader.psh | TCPHeader.fin) != 0
    }

    /// Spreads flows over a table: a product's halves depend on all bits of both factors.
    @inline(__always)
    var hash: UInt64 {
        let ports = UInt64(transport.loadUnaligned(as: UInt32.self)) << 8 | (isTCP ? 1 : 0)
        let product: (high: UInt64, low: UInt64)
        if isV4 {
            let addresses = start.loadUnaligned(fromByteOffset: IPv4Header.addresses, as: UInt64.self)
            product = (addresses ^ 0x9e37_79b9_7f4a_7c15).multipliedFullWidth(by: ports ^ 0xbf58_476d_1ce4_e5b9)
        } else {
            let source = start.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
            let destination = start.loadUnaligned(fromByteOffset: 32, as: UInt64.self)
            product = (source ^ ports ^ 0x9e37_79b9_7f4a_7c15).multipliedFullWidth(
                by: destination ^ 0xbf58_476d_1ce4_e5b9)
        }
        return product.high ^ product.low
    }
}

extension UnsafeFlowPacket {
    /// What a packet is to the coalescer.
    enum Kind {
        case flow(UnsafeFlowPacket)
        /// Of a flow that cannot be told, such as a fragment. It must not be passed by others of its protocol.
        case hidden
        /// Of a protocol that is never joined.
        case other
    }

    /// `count` is the length that the packet itself claims.
    @inline(__always)
    static func classify(_ start: UnsafeMutableRawPointer, count: Int) -> Kind {
        guard count >= IPv4Header.length + UDPHeader.length else { return .other }
        return start.byte(at: 0) >> 4 == 4 ? classifyV4(start, count) : classifyV6(start, count)
    }

    @inline(__always)
    private static func classifyV4(_ start: UnsafeMutableRawPointer, _ count: Int) -> Kind {
        let number = start.byte(at: IPv4Header.protocolNumber)
        guard number == IPProtocol.tcp || number == IPProtocol.udp else { return .other }
        // Options are seldom, and some belong into one packet only.
        guard start.byte(at: 0) == 0x45, start.number(at: IPv4Header.totalLength, UInt16.self) == count,
            start.number(at: IPv4Header.fragment) & ~IPv4Header.dontFragment == 0
        else { return .hidden }
        return classify(start, count, isV4: true, isTCP: number == IPProtocol.tcp)
    }

    @inline(__always)
    private static func classifyV6(_ start: UnsafeMutableRawPointer, _ count: Int) -> Kind {
        switch start.byte(at: IPv6Header.nextHeader) {
        case IPProtocol.tcp, IPProtocol.udp: break
        case IPProtocol.hopByHop, IPProtocol.routing, IPProtocol.fragment, IPProtocol.authentication,
            IPProtocol.destinationOptions, IPProtocol.mobility:
            return .hidden
        default: return .other
        }
        guard count >= IPv6Header.length + UDPHeader.length,
            IPv6Header.length + Int(start.number(at: IPv6Header.payloadLength, UInt16.self)) == count
        else { return .hidden }
        return classify(start, count, isV4: false, isTCP: start.byte(at: IPv6Header.nextHeader) == IPProtocol.tcp)
    }

    @inline(__always)
    private static func classify(_ start: UnsafeMutableRawPointer, _ count: Int, isV4: Bool, isTCP: Bool) -> Kind {
        let networkLength = isV4 ? IPv4Header.length : IPv6Header.length
        let left = count - networkLength
        let transportLength: Int
        if isTCP {
            guard left >= TCPHeader.length else { return .hidden }
            transportLength = Int(start.byte(at: networkLength + TCPHeader.dataOffset) >> 4) * 4
            guard TCPHeader.length...left ~= transportLength else { return .hidden }
        } else {
            guard start.number(at: networkLength + UDPHeader.datagramLength, UInt16.self) == left else {
                return .hidden
            }
            transportLength = UDPHeader.length
        }
        return .flow(
            UnsafeFlowPacket(
                start: start, isV4: isV4, isTCP: isTCP, headerLength: networkLength + transportLength,
                payloadLength: left - transportLength))
    }
}

extension UnsafeFlowPacket {
    /// Whether all is alike in the headers that has to be, of two packets of the same protocols.
    @inline(__always)
    func isAlike(_ other: UnsafeFlowPacket) -> Bool {
        guard isV4 ? isAlikeV4(other) : isAlikeV6(other), headerLength == other.headerLength else { return false }
        return isTCP ? isAlikeTCP(other) : transport.number(at: UDPHeader.checksum, UInt16.self) != 0
    }

    /// Bits of `at` that differ.
    @inline(__always)
    private func difference(_ other: UnsafeFlowPacket, at offset: Int) -> UInt64 {
        start.number(at: offset) ^ other.start.number(at: offset)
    }

    @inline(__always)
    private func isAlikeV4(_ other: UnsafeFlowPacket) -> Bool {
        // Without length and identification; without checksum; then addresses and ports.
        difference(other, at: 0) & 0xffff_0000_0000_ffff | difference(other, at: 8) & 0xffff_0000_ffff_ffff
            | difference(other, at: 16) == 0
    }

    @inline(__always)
    private func isAlikeV6(_ other: UnsafeFlowPacket) -> Bool {
        let ports: UInt32 = start.number(at: 40) ^ other.start.number(at: 40)
        // Without length.
        return difference(other, at: 0) & 0xffff_ffff_0000_ffff | difference(other, at: 8) | difference(other, at: 16)
            | difference(other, at: 24) | difference(other, at: 32) | UInt64(ports) == 0
    }

    @inline(__always)
    private func isAlikeTCP(_ other: UnsafeFlowPacket) -> Bool {
        let acknowledgement = networkLength + TCPHeader.acknowledgement
        guard start.number(at: acknowledgement, UInt32.self) == other.start.number(at: acknowledgement) else {
            return false
        }
        // Length of the header, flags, window and urgent pointer; without PSH, FIN and checksum.
        let mask = ~(UInt64(TCPHeader.psh | TCPHeader.fin) << 48) & 0xffff_ffff_0000_ffff
        guard difference(other, at: networkLength + TCPHeader.dataOffset) & mask == 0 else { return false }
        var offset = networkLength + TCPHeader.options
        while offset < headerLength {
            guard start.number(at: offset, UInt32.self) == other.start.number(at: offset) else { return false }
            offset += 4
        }
        return true
    }
}
