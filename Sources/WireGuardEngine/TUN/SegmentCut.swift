extension UnsafeSegmentPlan {
    /// Where a large packet is cut, and the sums of what its segments have in common.
    struct Cut: BitwiseCopyable {
        let isV4: Bool
        let isTCP: Bool
        /// Where the transport header begins.
        let transport: Int
        /// Bytes of all headers, which each segment has.
        let headerLength: Int
        /// Bytes of payload of each segment but the last.
        let segmentSize: Int
        /// Of the IPv4 header without lengths, identification and checksum.
        let networkSum: Checksum
        /// Of pseudo header and transport header without lengths and what else differs.
        let transportSum: Checksum

        /// No cut at all.
        init() {
            (isV4, isTCP, transport, headerLength, segmentSize) = (false, false, 0, 0, 0)
            (networkSum, transportSum) = (Checksum(), Checksum())
        }

        /// `count`: bytes of the packet, at least 20. The place of the checksum lies in it.
        init(_ packet: UnsafeRawPointer, count: Int, _ header: VirtioNetHeader) throws(DropReason) {
            segmentSize = Int(header.segmentSize)
            transport = Int(header.checksumStart)
            isV4 = packet.byte(at: 0) >> 4 == 4
            isTCP = try Self.isTCP(header.segmentation, isV4: isV4)
            if isV4 {
                try Self.checkV4(packet, count: count, transport: transport, isTCP: isTCP)
            } else {
                try Self.checkV6(packet, count: count, transport: transport, isTCP: isTCP)
            }
            headerLength = transport + (try Self.transportLength(packet, count, transport, header, isTCP: isTCP))
            networkSum = isV4 ? Self.networkSum(packet) : Checksum()
            transportSum = Self.transportSum(
                packet + transport, count: count - transport, headerLength - transport, isTCP)
        }

        private static func isTCP(_ segmentation: UInt8, isV4: Bool) throws(DropReason) -> Bool {
            switch segmentation {
            case VirtioNetHeader.Segmentation.udp: return false
            case VirtioNetHeader.Segmentation.tcpV4 where isV4: return true
            case VirtioNetHeader.Segmentation.tcpV6 where !isV4: return true
            case VirtioNetHeader.Segmentation.tcpV4 | VirtioNetHeader.Segmentation.ecn where isV4: return true
            case VirtioNetHeader.Segmentation.tcpV6 | VirtioNetHeader.Segmentation.ecn where !isV4: return true
            default: throw .badSegmentation
            }
        }

        private static func checkV4(
            _ packet: UnsafeRawPointer, count: Int, transport: Int, isTCP: Bool
        ) throws(DropReason) {
            let headerLength = Int(packet.byte(at: 0) & 0xf) * 4
            let isFragment = packet.number(at: IPv4Header.fragment) & IPv4Header.fragmentBits != 0
            guard headerLength >= IPv4Header.length, packet.number(at: IPv4Header.totalLength, UInt16.self) == count,
                !isFragment
            else { throw .badPacket }
            let expected = isTCP ? IPProtocol.tcp : IPProtocol.udp
            guard transport == headerLength, packet.byte(at: IPv4Header.protocolNumber) == expected
            else { throw .badTransport }
        }

        private static func checkV6(
            _ packet: UnsafeRawPointer, count: Int, transport: Int, isTCP: Bool
        ) throws(DropReason) {
            guard packet.byte(at: 0) >> 4 == 6, count >= IPv6Header.length,
                IPv6Header.length + Int(packet.number(at: IPv6Header.payloadLength, UInt16.self)) == count
            else { throw .badPacket }
            var next = packet.byte(at: IPv6Header.nextHeader)
            var place = IPv6Header.length
            // `transport` + 2 is in the packet, and so is all in front of it.
            while place < transport {
                switch next {
                case IPProtocol.hopByHop, IPProtocol.routing, IPProtocol.destinationOptions:
                    next = packet.byte(at: place)
                    place += 8 + Int(packet.byte(at: place + 1)) * 8
                default: throw .badTransport
                }
            }
            guard place == transport, next == (isTCP ? IPProtocol.tcp : IPProtocol.udp) else { throw .badTransport }
        }

        /// Bytes of the transport header.
        private static func transportLength(
            _ packet: UnsafeRawPointer, _ count: Int, _ transport: Int, _ header: VirtioNetHeader, isTCP: Bool
        ) throws(DropReason) -> Int {
            let checksum = isTCP ? TCPHeader.checksum : UDPHeader.checksum
            guard header.checksumOffset == checksum else { throw .badChecksumPlace }
            let left = count - transport
            guard left >= (isTCP ? TCPHeader.length : UDPHeader.length) else { throw .badTransport }
            guard isTCP else {
                let claimed = packet.number(at: transport + UDPHeader.datagramLength, UInt16.self)
                guard claimed == left else { throw .badTransport }
                return UDPHeader.length
            }
            let length = Int(packet.byte(at: transport + TCPHeader.dataOffset) >> 4) * 4
            guard TCPHeader.length...left ~= length else { throw .badTransport }
            return length
        }

        private static func networkSum(_ packet: UnsafeRawPointer) -> Checksum {
            var sum = Checksum()
            sum.add(packet, count: Int(packet.byte(at: 0) & 0xf) * 4)
            for field in [IPv4Header.totalLength, IPv4Header.identification, IPv4Header.checksum] {
                sum.subtract(packet.number(at: field))
            }
            return sum
        }

        /// The kernel has put the sum of the pseudo header where the checksum goes. It is not computed anew: behind
        /// a routing header it is about another destination than the IP header's (RFC 8200, section 8.1).
        private static func transportSum(
            _ transport: UnsafeRawPointer, count: Int, _ headerLength: Int, _ isTCP: Bool
        ) -> Checksum {
            var sum = Checksum()
            sum.add(transport, count: headerLength)
            sum.subtract(UInt16(count))
            if isTCP {
                sum.subtract(transport.number(at: TCPHeader.sequence))
                sum.subtract(transport.number(at: TCPHeader.sequence + 2))
                sum.subtract(UInt16(transport.byte(at: TCPHeader.flags)))
            } else {
                sum.subtract(transport.number(at: UDPHeader.datagramLength))
            }
            return sum
        }
    }
}
