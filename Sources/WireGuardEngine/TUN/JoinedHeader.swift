/// The headers of a packet that stands for several, written over those of the first of them.
struct UnsafeJoinedHeader: BitwiseCopyable {
    private let leader: UnsafeFlowPacket
    /// As they were.
    private let networkLength: UInt16
    private let networkChecksum: UInt16
    private let transportLengthOrFlags: UInt16
    private let transportChecksum: UInt16

    /// Places in the packet. Of UDP the length changes, of TCP the flags, with the length of the header next to them.
    @inline(__always)
    private static func places(_ leader: UnsafeFlowPacket) -> (length: Int, lengthOrFlags: Int, checksum: Int) {
        let length = leader.isV4 ? IPv4Header.totalLength : IPv6Header.payloadLength
        let transport = leader.networkLength
        return leader.isTCP
            ? (length, transport + TCPHeader.dataOffset, transport + TCPHeader.checksum)
            : (length, transport + UDPHeader.datagramLength, transport + UDPHeader.checksum)
    }

    /// Writes them, the frame's own included.
    ///
    /// `last`: the packet joined last, whose flags stand for all: no other has PSH or FIN. `length`: bytes of the whole.
    init(leader: UnsafeFlowPacket, last: UnsafeMutableRawPointer, length: Int) {
        let places = Self.places(leader)
        self.leader = leader
        networkLength = leader.start.number(at: places.length)
        networkChecksum = leader.isV4 ? leader.start.number(at: IPv4Header.checksum) : 0
        transportLengthOrFlags = leader.start.number(at: places.lengthOrFlags)
        transportChecksum = leader.start.number(at: places.checksum)
        writeFrameHeader(checksumOffset: places.checksum - leader.networkLength)
        writeNetworkHeader(length)
        writeTransportHeader(last, places.lengthOrFlags, places.checksum, length - leader.networkLength)
    }

    /// Makes the first packet what it was.
    func undo() {
        let places = Self.places(leader)
        leader.start.store(networkLength, at: places.length)
        if leader.isV4 { leader.start.store(networkChecksum, at: IPv4Header.checksum) }
        leader.start.store(transportLengthOrFlags, at: places.lengthOrFlags)
        leader.start.store(transportChecksum, at: places.checksum)
    }

    @inline(__always)
    private func writeFrameHeader(checksumOffset: Int) {
        let tcp = leader.isV4 ? VirtioNetHeader.Segmentation.tcpV4 : VirtioNetHeader.Segmentation.tcpV6
        VirtioNetHeader(
            flags: VirtioNetHeader.needsChecksum,
            segmentation: leader.isTCP ? tcp : VirtioNetHeader.Segmentation.udp,
            headerLength: UInt16(truncatingIfNeeded: leader.headerLength),
            segmentSize: UInt16(truncatingIfNeeded: leader.payloadLength),
            checksumStart: UInt16(truncatingIfNeeded: leader.networkLength),
            checksumOffset: UInt16(truncatingIfNeeded: checksumOffset)
        ).write(to: leader.start - VirtioNetHeader.size)
    }

    @inline(__always)
    private func writeNetworkHeader(_ length: Int) {
        let start = leader.start
        guard leader.isV4 else {
            return start.store(UInt16(truncatingIfNeeded: length - IPv6Header.length), at: IPv6Header.payloadLength)
        }
        start.store(UInt16(truncatingIfNeeded: length), at: IPv4Header.totalLength)
        start.store(0 as UInt16, at: IPv4Header.checksum)
        var sum = Checksum()
        sum.add(start, count: IPv4Header.length)
        start.store(sum.value, at: IPv4Header.checksum)
    }

    /// The checksum is only begun: the system completes it, if the packets leave it at all.
    @inline(__always)
    private func writeTransportHeader(
        _ last: UnsafeMutableRawPointer, _ lengthOrFlags: Int, _ checksum: Int, _ length: Int
    ) {
        let start = leader.start
        let number = UInt16(truncatingIfNeeded: length)
        start.store(leader.isTCP ? last.number(at: lengthOrFlags) : number, at: lengthOrFlags)
        var sum = Checksum()
        sum.addPseudoHeader(
            ofPacketAt: start, protocolNumber: leader.isTCP ? IPProtocol.tcp : IPProtocol.udp, length: length)
        start.store(sum.folded, at: checksum)
    }
}
