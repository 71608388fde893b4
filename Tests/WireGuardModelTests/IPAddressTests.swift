import ByteText
import TestSupport
import Testing
import WireGuardModel

@Suite("IPAddress")
struct IPAddressTests {
    @Test("is made of bytes in network order, and gives them back")
    func roundTrip() {
        var random = SeededRandom(1)
        for _ in Rounds.usual(2000) {
            for count in [4, 16] {
                let bytes = random.bytes(count)
                let address = IPAddress(bytes: bytes.span)!
                #expect(address.raw == bytes)
                #expect(address.family == (count == 4 ? .v4 : .v6))
            }
        }
    }

    @Test("counts no bytes but 4 and 16")
    func counts() {
        for count in 0...20 {
            let bytes = [UInt8](repeating: 1, count: count)
            let address = IPAddress(bytes: bytes.span)
            #expect((address != nil) == (count == 4 || count == 16), "\(count) bytes")
        }
    }

    @Test("is a number")
    func numbers() {
        let v4: [UInt8] = [192, 0, 2, 33]
        let fromV4 = IPAddress(bytes: v4.span)
        #expect(fromV4 == IPAddress(v4: 0xc000_0221))
        let v6: [UInt8] = [0x20, 0x01, 0x0d, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
        let address = IPAddress(v6: 0x2001_0db8_0102_0304, 0x0506_0708_090a_0b0c)
        let fromV6 = IPAddress(bytes: v6.span)
        #expect(fromV6 == address)
        #expect(address.high == 0x2001_0db8_0102_0304)
        #expect(address.low == 0x0506_0708_090a_0b0c)
        #expect(IPAddress(v4: 0xc000_0221).low == 0xc000_0221)
        #expect(IPAddress(v4: 0xc000_0221).high == 0)
    }

    @Test("differs from another in any bit, and in its family")
    func equality() {
        #expect(IPAddress(v4: 1) != IPAddress(v6: 0, 1))
        for bit in UInt64(0)..<64 {
            #expect(IPAddress(v6: 1 << bit, 0) != IPAddress(v6: 0, 0))
            #expect(IPAddress(v6: 0, 1 << bit) != IPAddress(v6: 0, 0))
            #expect(IPAddress(v6: 1 << bit, 0) != IPAddress(v6: 0, 1 << bit))
        }
        let many = Set((0..<32).map { IPAddress(v4: 1 << $0) } + (0..<32).map { IPAddress(v6: 0, 1 << $0) })
        #expect(many.count == 64)
        #expect(many.contains(IPAddress(v4: 1 << 31)) && !many.contains(IPAddress(v4: 3)))
    }

    @Test("is as wide as its family")
    func widths() {
        #expect(IPAddress.Family.v4.bits == 32)
        #expect(IPAddress.Family.v6.bits == 128)
    }
}

extension IPAddress {
    var raw: [UInt8] {
        let bytes = networkBytes
        return Array(copying: bytes.span.extracting(..<family.byteCount))
    }
}
