/// Explicit congestion notification across the tunnel (RFC 3168, RFC 6040): the two low bits of the traffic class.
///
/// Outward, an inner CE becomes ECT(0); all else is copied. Inward:
///
///   outer      inner not ECT   inner ECT(0)   inner ECT(1)   inner CE
///   not ECT    not ECT         ECT(0)         ECT(1)         CE
///   ECT(0)     not ECT         ECT(0)         ECT(1)         CE
///   ECT(1)     not ECT         ECT(1)         ECT(1)         CE
///   CE         not ECT         CE             CE             CE
///
/// The kernel's WireGuard does this over IPv4. RFC 6040 copies CE outward too, and drops not-ECT packets under an outer
/// CE. The outer DSCP of data is 0, as the kernel's: it reveals nothing about the inner packet.
enum CongestionNotification {
    private static let mask: UInt8 = 0b11
    private static let ect1: UInt8 = 0b01
    private static let ect0: UInt8 = 0b10
    private static let experienced: UInt8 = 0b11

    /// The traffic class of the datagram that will carry an IPv4 or IPv6 packet.
    @inline(__always)
    static func outerTrafficClass(for packet: UnsafeRawPointer) -> UInt8 {
        let inner = field(of: packet)
        return inner == experienced ? ect0 : inner
    }

    /// Whether an outer traffic class can change an inner packet.
    @inline(__always)
    static func matters(_ outer: UInt8) -> Bool { outer & ect1 != 0 }

    /// Sets the ECN field of an IPv4 or IPv6 packet that arrived under an outer traffic class.
    static func tell(_ packet: UnsafeMutableRawPointer, _ outer: UInt8) {
        switch (outer & mask, field(of: packet)) {
        case (experienced, ect0), (experienced, ect1): store(experienced, in: packet)
        case (ect1, ect0): store(ect1, in: packet)
        default: break
        }
    }

    @inline(__always)
    private static func field(of packet: UnsafeRawPointer) -> UInt8 {
        isV4(packet) ? packet.byte(at: IPv4Header.typeOfService) & mask : packet.byte(at: 1) >> 4 & mask
    }

    private static func store(_ field: UInt8, in packet: UnsafeMutableRawPointer) {
        let old: UInt16 = packet.number(at: 0)
        guard isV4(packet) else {
            return packet.store(old & ~(UInt16(mask) << 4) | UInt16(field) << 4, at: 0)
        }
        let new = old & ~UInt16(mask) | UInt16(field)
        packet.store(new, at: 0)
        // Updated, not recomputed, so that a wrong checksum stays wrong (RFC 1624, section 3).
        var sum = Checksum()
        sum.subtract(packet.number(at: IPv4Header.checksum))
        sum.subtract(old)
        sum.add(new)
        packet.store(sum.value, at: IPv4Header.checksum)
    }

    @inline(__always)
    private static func isV4(_ packet: UnsafeRawPointer) -> Bool { packet.byte(at: 0) >> 4 == 4 }
}
