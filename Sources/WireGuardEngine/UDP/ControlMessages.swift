internal import CLinux
internal import Glibc
internal import WireGuardModel

/// How control messages lie in memory (cmsg(3)): a header of length, level and type, the content, and padding to
/// the width of a pointer. C asserts what is said here.
private enum ControlMessage {
    static let alignment = MemoryLayout<Int>.size
    static let header = aligned(alignment + 8)

    @inline(__always)
    static func aligned(_ count: Int) -> Int { (count + alignment - 1) & ~(alignment - 1) }
}

/// Writes the control messages of a datagram to send.
struct UnsafeControlWriter: BitwiseCopyable {
    let start: UnsafeMutableRawPointer
    private(set) var count = 0

    /// Bytes for one of each, with the larger of both sources.
    static let room = segmentSize + trafficClassSize + sourceSize(for: .v6)
    /// Bytes of `putSegment`.
    static let segmentSize = ControlMessage.header + ControlMessage.aligned(2)
    /// Bytes that `putTrafficClass` writes.
    static let trafficClassSize = ControlMessage.header + ControlMessage.aligned(4)

    /// Bytes that `putSource` writes.
    static func sourceSize(for family: IPAddress.Family) -> Int {
        ControlMessage.header + ControlMessage.aligned(PacketInfo.count(for: family))
    }

    init(_ start: UnsafeMutableRawPointer) { self.start = start }

    /// UDP_SEGMENT: cut the payload into datagrams of `size` bytes.
    @inline(__always)
    mutating func putSegment(_ size: Int) {
        let content = put(level: CInt(IPPROTO_UDP), type: CInt(UDP_SEGMENT), contentCount: 2)
        content.storeBytes(of: UInt16(size), as: UInt16.self)
    }

    /// IP_TOS or IPV6_TCLASS: the header's traffic class, instead of the socket's.
    @inline(__always)
    mutating func putTrafficClass(_ trafficClass: UInt8, _ family: IPAddress.Family) {
        let content =
            family == .v4
            ? put(level: CInt(IPPROTO_IP), type: TrafficClass.v4Type, contentCount: 4)
            : put(level: CInt(IPPROTO_IPV6), type: TrafficClass.v6Type, contentCount: 4)
        content.storeBytes(of: CInt(trafficClass), as: CInt.self)
    }

    /// IP_PKTINFO or IPV6_PKTINFO: send from this address of ours. The way there is left to the routes: one tied
    /// to an interface would be followed when no route goes there any more.
    @inline(__always)
    mutating func putSource(_ address: IPAddress) {
        switch address.family {
        case .v4:
            let content = put(level: CInt(IPPROTO_IP), type: PacketInfo.v4Type, contentCount: PacketInfo.v4Count)
            content.storeBytes(of: 0, as: UInt32.self)
            content.storeBytes(of: UInt32(address.low).bigEndian, toByteOffset: 4, as: UInt32.self)
            content.storeBytes(of: 0, toByteOffset: 8, as: UInt32.self)
        case .v6:
            let content = put(level: CInt(IPPROTO_IPV6), type: PacketInfo.v6Type, contentCount: PacketInfo.v6Count)
            content.storeBytes(of: address.high.bigEndian, as: UInt64.self)
            content.storeBytes(of: address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
            content.storeBytes(of: 0, toByteOffset: 16, as: UInt32.self)
        }
    }

    @inline(__always)
    private mutating func put(level: CInt, type: CInt, contentCount: Int) -> UnsafeMutableRawPointer {
        let place = start + count
        place.storeBytes(of: ControlMessage.header + contentCount, as: Int.self)
        place.storeBytes(of: level, toByteOffset: MemoryLayout<Int>.size, as: CInt.self)
        place.storeBytes(of: type, toByteOffset: MemoryLayout<Int>.size + 4, as: CInt.self)
        count += ControlMessage.header + ControlMessage.aligned(contentCount)
        return place + ControlMessage.header
    }
}

/// The control messages of a received message, one after the other.
struct UnsafeControlMessages: Sequence, IteratorProtocol, BitwiseCopyable {
    private var place: UnsafeMutableRawPointer?
    private var rest: Int

    @inline(__always)
    init(_ start: UnsafeMutableRawPointer?, count: Int) { (place, rest) = (start, count) }

    struct Element: BitwiseCopyable {
        let level: CInt
        let type: CInt
        let content: UnsafeMutableRawPointer
        let count: Int
    }

    @inline(__always)
    mutating func next() -> Element? {
        guard let place, rest >= ControlMessage.header else { return nil }
        let length = place.loadUnaligned(as: Int.self)
        guard length >= ControlMessage.header, length <= rest else { return nil }
        let step = ControlMessage.aligned(length)
        (self.place, rest) = (place + step, rest - step)
        return Element(
            level: place.loadUnaligned(fromByteOffset: MemoryLayout<Int>.size, as: CInt.self),
            type: place.loadUnaligned(fromByteOffset: MemoryLayout<Int>.size + 4, as: CInt.self),
            content: place + ControlMessage.header, count: length - ControlMessage.header)
    }
}

/// What the control messages of a received datagram say.
struct UnsafeReceivedControl: BitwiseCopyable {
    /// Where the packet info lies; nil where there is none.
    private(set) var packetInfo: UnsafeMutableRawPointer?
    /// UDP_GRO: the size of all joined datagrams but the last; 0 where nothing was joined.
    private(set) var segmentSize = 0
    /// The outer header's; of joined datagrams the first one's. 0 if the kernel does not say.
    private(set) var trafficClass: UInt8 = 0

    @inline(__always)
    init(_ start: UnsafeMutableRawPointer, count: Int) {
        for message in UnsafeControlMessages(start, count: count) { read(message) }
    }

    @inline(__always)
    private mutating func read(_ message: UnsafeControlMessages.Element) {
        switch (message.level, message.type) {
        case (CInt(IPPROTO_UDP), CInt(UDP_GRO)) where message.count >= 4:
            segmentSize = max(0, Int(message.content.loadUnaligned(as: CInt.self)))
        case (CInt(IPPROTO_IP), PacketInfo.v4Type) where message.count >= PacketInfo.v4Count,
            (CInt(IPPROTO_IPV6), PacketInfo.v6Type) where message.count >= PacketInfo.v6Count:
            packetInfo = message.content
        case (CInt(IPPROTO_IP), TrafficClass.v4Type) where message.count >= 1:
            trafficClass = message.content.load(as: UInt8.self)
        case (CInt(IPPROTO_IPV6), TrafficClass.v6Type) where message.count >= 4:
            trafficClass = UInt8(truncatingIfNeeded: message.content.loadUnaligned(as: CInt.self))
        default: break
        }
    }
}

/// Sent to the kernel as an int; received as one byte with IPv4, as an int with IPv6.
private enum TrafficClass {
    static let v4Type = CInt(IP_TOS)
    static let v6Type = CInt(IPV6_TCLASS)
}

/// `struct in_pktinfo` (interface, our address, the header's destination) and `struct in6_pktinfo`
/// (our address, interface).
enum PacketInfo {
    static let v4Type = CInt(IP_PKTINFO)
    /// IPV6_PKTINFO, which Glibc shows for _GNU_SOURCE only.
    static let v6Type: CInt = 50
    static let v4Count = 12
    static let v6Count = 20

    @inline(__always)
    static func count(for family: IPAddress.Family) -> Int { family == .v4 ? v4Count : v6Count }

    @inline(__always)
    static func read(
        _ place: UnsafeRawPointer, _ family: IPAddress.Family
    ) -> (local: IPAddress, interfaceIndex: UInt32) {
        switch family {
        case .v4:
            let number = UInt32(bigEndian: place.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            return (IPAddress(v4: number), place.loadUnaligned(as: UInt32.self))
        case .v6: return (.readV6(place), place.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
        }
    }
}
