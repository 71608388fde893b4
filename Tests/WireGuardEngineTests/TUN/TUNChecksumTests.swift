import TestSupport
import Testing

@testable import WireGuardEngine

@Suite("Internet checksum")
struct TUNChecksumTests {
    private func sum(_ bytes: [UInt8], at offset: Int = 0) -> UInt16 {
        let room = [UInt8](repeating: 0xa5, count: offset) + bytes
        return room.withUnsafeBytes {
            var sum = Checksum()
            sum.add($0.baseAddress! + offset, count: bytes.count)
            return sum.folded
        }
    }

    @Test("the example of RFC 1071, section 3")
    func publishedExample() {
        #expect(sum([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]) == 0xddf2)
    }

    @Test("every length at every offset sums up as word by word")
    func lengthsAndOffsets() {
        var dice = SeededRandom(1)
        for count in 0...200 {
            let bytes = dice.bytes(count)
            for offset in 0..<9 { #expect(sum(bytes, at: offset) == NaiveChecksum.sum(bytes), "\(count) at \(offset)") }
        }
    }

    @Test("64 KiB of the largest bytes do not overflow")
    func largest() {
        let bytes = [UInt8](repeating: 0xff, count: 65536)
        #expect(sum(bytes) == 0xffff)
        let odd = [UInt8](repeating: 0xff, count: 65535)
        #expect(sum(odd) == NaiveChecksum.sum(odd))
    }

    @Test("copying copies and sums up the same, and touches nothing else")
    func copying() {
        var dice = SeededRandom(2)
        for count in 0...200 {
            let bytes = dice.bytes(count)
            var copy = [UInt8](repeating: 0xa5, count: count + 3)
            var sum = Checksum()
            copy.withUnsafeMutableBytes { copy in
                bytes.withUnsafeBytes { bytes in
                    guard let start = bytes.baseAddress else { return }
                    sum.addCopying(start, to: copy.baseAddress! + 1, count: count)
                }
            }
            #expect(copy == [0xa5] + bytes + [0xa5, 0xa5])
            #expect(sum.folded == NaiveChecksum.sum(bytes))
        }
    }

    @Test("pieces of even length add up, and what was added can be taken away")
    func pieces() {
        var dice = SeededRandom(3)
        for _ in Rounds.usual(200) {
            let first = dice.bytes(2 * dice.below(40))
            let second = dice.bytes(1 + dice.below(80))
            let number = UInt16(truncatingIfNeeded: dice.next())
            var sum = Checksum()
            first.withUnsafeBytes { if let start = $0.baseAddress { sum.add(start, count: $0.count) } }
            sum.add(number)
            second.withUnsafeBytes { sum.add($0.baseAddress!, count: $0.count) }
            sum.subtract(number)
            let expected = NaiveChecksum.sum(first + second)
            // Taking away leaves the other zero of the two.
            #expect(sum.folded == (expected == 0 ? 0xffff : expected))
        }
    }

    @Test("whole packets sum up to nothing wrong", arguments: [true, false], [true, false])
    func packets(isV4: Bool, isTCP: Bool) {
        var dice = SeededRandom(4)
        for _ in Rounds.usual(50) {
            var packet = InnerPackets()
            (packet.isV4, packet.isTCP) = (isV4, isTCP)
            (packet.source, packet.destination) = (dice.bytes(isV4 ? 4 : 16), dice.bytes(isV4 ? 4 : 16))
            packet.payload = dice.bytes(dice.below(100))
            let result = packet.bytes.withUnsafeBytes { bytes in
                Checksum.of(
                    bytes[packet.networkHeaderLength...], pseudoHeaderOf: bytes[..<packet.networkHeaderLength],
                    protocolNumber: isTCP ? 6 : 17)
            }
            #expect(result == 0)
            if isV4 { #expect(packet.bytes.withUnsafeBytes { Checksum.of($0[..<20]) } == 0) }
        }
    }

    @Test("a checksum of 0 can be said as 65535")
    func nonzero() {
        var sum = Checksum()
        sum.add(0xffff)
        #expect(sum.value == 0)
        #expect(sum.nonzeroValue == 0xffff)
        sum.add(1)
        #expect(sum.nonzeroValue == sum.value)
    }
}
