import TestSupport
import Testing
import WireGuardModel

@Suite("AllowedIP")
struct AllowedIPTests {
    @Test("masks bit by bit, at every prefix length")
    func masks() {
        var random = SeededRandom(2)
        for _ in Rounds.usual(20) {
            for count in [4, 16] {
                let bytes = random.once(in: 4) ? [UInt8](repeating: 0xff, count: count) : random.bytes(count)
                for length in 0...(count * 8) { check(bytes, length) }
            }
        }
    }

    @Test("has host bits when a single one is behind the prefix")
    func singleBits() {
        for count in [4, 16] {
            for bit in 0..<(count * 8) {
                var bytes = [UInt8](repeating: 0, count: count)
                bytes[bit / 8] = 0x80 >> UInt8(bit % 8)
                for length in [0, bit, bit + 1, count * 8] { check(bytes, length) }
            }
        }
    }

    @Test("is no longer than its address")
    func lengths() {
        for length in UInt8.min...UInt8.max {
            #expect((AllowedIP(IPAddress(v4: 0), prefixLength: length) != nil) == (length <= 32))
            #expect((AllowedIP(IPAddress(v6: 0, 0), prefixLength: length) != nil) == (length <= 128))
        }
    }

    @Test("contains what begins with the same bits")
    func contains() {
        var random = SeededRandom(3)
        var containing = 0
        for _ in Rounds.usual(20_000) {
            let (outer, inner) = (prefix(&random), prefix(&random))
            let begins =
                outer.bytes.count == inner.bytes.count && outer.length <= inner.length
                && naivelyMasked(outer.bytes, outer.length) == naivelyMasked(inner.bytes, outer.length)
            if outer.allowedIP.contains(inner.allowedIP) != begins { Issue.record("\(outer) and \(inner)") }
            containing += begins ? 1 : 0
        }
        #expect(containing > 1000)
    }

    /// One of few addresses, so that many begin alike.
    private func prefix(_ random: inout SeededRandom) -> (bytes: [UInt8], length: Int, allowedIP: AllowedIP) {
        var bytes = [UInt8](repeating: 0, count: random.pick([4, 16]))
        if random.once(in: 2) { bytes[random.below(bytes.count)] = 0x80 >> UInt8(random.below(8)) }
        let length = random.below(bytes.count * 8 + 1)
        return (bytes, length, AllowedIP(IPAddress(bytes: bytes.span)!, prefixLength: UInt8(length))!)
    }

    @Test("keeps what it was given")
    func keeps() {
        let allowedIP = AllowedIP(IPAddress(v4: 0x0102_0304), prefixLength: 8)
        #expect(allowedIP?.address == IPAddress(v4: 0x0102_0304))
        #expect(allowedIP?.prefixLength == 8)
    }

    private func check(_ bytes: [UInt8], _ length: Int) {
        let address = IPAddress(bytes: bytes.span)!
        let allowedIP = AllowedIP(address, prefixLength: UInt8(length))!
        let masked = naivelyMasked(bytes, length)
        let agrees =
            allowedIP.masked.address.raw == masked && allowedIP.masked.prefixLength == allowedIP.prefixLength
            && allowedIP.hasHostBits == (masked != bytes)
        if !agrees { Issue.record("\(bytes)/\(length): \(allowedIP.masked.address.raw)") }
    }

    private func naivelyMasked(_ bytes: [UInt8], _ length: Int) -> [UInt8] {
        var masked = bytes
        for bit in length..<(bytes.count * 8) { masked[bit / 8] &= ~(0x80 >> UInt8(bit % 8)) }
        return masked
    }
}
