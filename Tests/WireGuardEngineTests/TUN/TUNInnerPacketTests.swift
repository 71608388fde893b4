import TestSupport
import Testing
import WireGuardModel
import WireGuardProtocol

@testable import WireGuardEngine

@Suite("Inner packets")
struct TUNInnerPacketTests {
    private let v4: [UInt8] = [
        0x45, 0, 0, 22,  // version, words of header; service; total length
        0, 0, 0, 0,  // identification; fragment
        64, 17, 0, 0,  // hops; protocol; checksum, which nobody looks at
        10, 0, 0, 1, 10, 0, 0, 2,  // source, destination
        1, 2,
    ]
    private let v6: [UInt8] =
        [
            0x60, 0, 0, 0,  // version, class, flow
            0, 3, 59, 64,  // payload length; no next header; hops
        ] + [0xfd] + [UInt8](repeating: 0, count: 14) + [1]  // source
        + [0xfd] + [UInt8](repeating: 0, count: 14) + [2]  // destination
        + [1, 2, 3]

    private func parse(_ bytes: [UInt8]) -> InnerPacket? { bytes.withUnsafeBytes { InnerPacket($0) } }

    @Test("length, protocol and addresses are those of the header")
    func reads() {
        let short = parse(v4)
        let long = parse(v6)
        #expect(short?.count == 22 && short?.protocolNumber == 17)
        #expect(short?.source == IPAddress(v4: 0x0a00_0001))
        #expect(short?.destination == IPAddress(v4: 0x0a00_0002))
        #expect(long?.count == 43 && long?.protocolNumber == 59)
        #expect(long?.source == IPAddress(v6: 0xfd00_0000_0000_0000, 1))
        #expect(long?.destination == IPAddress(v6: 0xfd00_0000_0000_0000, 2))
    }

    @Test("padding is not counted", arguments: 0...40)
    func padding(_ count: Int) {
        let zeros = [UInt8](repeating: 0, count: count)
        #expect(parse(v4 + zeros)?.count == 22)
        #expect(parse(v6 + zeros)?.count == 43)
    }

    @Test("a packet that is cut short anywhere is none")
    func cutShort() {
        for count in 0..<v4.count { #expect(parse(Array(v4[..<count])) == nil, "\(count) bytes") }
        for count in 0..<v6.count { #expect(parse(Array(v6[..<count])) == nil, "\(count) bytes") }
    }

    @Test("other versions, and IPv4 headers shorter than one, are none")
    func badFirstByte() {
        for first in UInt8.min...255 {
            let isPacket = 0x45...0x4f ~= first && Int(first & 15) * 4 <= 60 || first >> 4 == 6
            var bytes = v4 + [UInt8](repeating: 0, count: 60)
            bytes[0] = first
            bytes[3] = 60
            if first >> 4 == 6 { bytes[4...5] = [0, 9] }
            #expect((parse(bytes) != nil) == isPacket, "\(first)")
        }
    }

    @Test("an IPv4 length shorter than its header is a lie")
    func lengthInsideHeader() {
        var bytes = v4
        bytes[3] = 19
        #expect(parse(bytes) == nil)
        (bytes[0], bytes[3]) = (0x46, 22)
        #expect(parse(bytes) == nil)
    }
}
