import TestSupport
import Testing

@testable import WireGuardEngine

/// The tables of RFC 3168 and RFC 6040, as the guest's kernel applies them (Tests/Guest/tunnel-congestion.sh).
@Suite("Congestion notification (ECN)")
struct CongestionNotificationTests {
    /// Indexed by the ECN field of the inner header: not ECT, ECT(1), ECT(0), CE.
    private static let outward: [UInt8] = [0, 1, 2, 2]
    /// Indexed by the ECN field of the outer header, then of the inner.
    private static let inward: [[UInt8]] = [[0, 1, 2, 3], [0, 1, 1, 3], [0, 1, 2, 3], [0, 3, 3, 3]]

    private func packet(_ service: UInt8, isV4: Bool, _ dice: inout SeededRandom) -> InnerPackets {
        var packet = InnerPackets()
        packet.isV4 = isV4
        packet.source = dice.bytes(isV4 ? 4 : 16)
        packet.destination = dice.bytes(isV4 ? 4 : 16)
        packet.service = service
        packet.identification = UInt16(dice.below(65536))
        packet.flowLabel = UInt32(dice.below(1 << 20))
        packet.hopLimit = UInt8(dice.below(256))
        packet.payload = dice.bytes(dice.below(40))
        return packet
    }

    @Test("the inner bits go outside, CE as ECT(0), and no DSCP does", arguments: [true, false])
    func outside(isV4: Bool) {
        var dice = SeededRandom(1)
        for service in UInt8.min...UInt8.max {
            let bytes = packet(service, isV4: isV4, &dice).bytes
            let outer = bytes.withUnsafeBytes { CongestionNotification.outerTrafficClass(for: $0.baseAddress!) }
            #expect(outer == Self.outward[Int(service & 3)], "\(service)")
        }
    }

    @Test("an outer mark goes inside, checksum included, and nothing else changes", arguments: [true, false])
    func inside(isV4: Bool) {
        var dice = SeededRandom(2)
        for outer in UInt8.min...UInt8.max {
            for inner in UInt8.min...UInt8.max {
                var expected = packet(inner, isV4: isV4, &dice)
                var bytes = expected.bytes
                expected.service = inner & ~3 | Self.inward[Int(outer & 3)][Int(inner & 3)]
                bytes.withUnsafeMutableBytes { bytes in
                    if CongestionNotification.matters(outer) { CongestionNotification.tell(bytes.baseAddress!, outer) }
                }
                if bytes != expected.bytes { Issue.record("outer \(outer), inner \(inner)") }
            }
        }
    }

    @Test("a wrong header checksum stays wrong")
    func wrongChecksum() {
        var dice = SeededRandom(3)
        var bytes = packet(2, isV4: true, &dice).bytes
        bytes[10] ^= 1
        bytes.withUnsafeMutableBytes { CongestionNotification.tell($0.baseAddress!, 3) }
        #expect(bytes[1] == 3)
        #expect(NaiveChecksum.sum(Array(bytes[..<20])) != 0xffff)
    }
}
