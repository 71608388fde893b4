import TestSupport
import Testing
import WireGuardModel
import WireGuardProtocol

@Suite("TAI64N")
struct TAI64NTests {
    @Test("is written as its specification says")
    func bytes() {
        // 2^62, ten seconds of TAI before 1970, and the nanoseconds rounded down to a multiple of 2^24.
        let label = TAI64N(HandshakeTime(seconds: 1_700_000_000, nanoseconds: 436_207_621))
        #expect(label.bytes.bytes.hex == "40000000" + "6553f10a" + "1a000000")
        #expect(TAI64N(HandshakeTime(seconds: 0, nanoseconds: 0)).bytes.bytes.hex == "400000000000000a00000000")
        #expect(TAI64N(HandshakeTime(seconds: -11, nanoseconds: 0)).bytes.bytes.hex == "3fffffffffffffff00000000")
        #expect(TAI64N(bytes: label.bytes) == label)
    }

    @Test("tells nothing finer than 2^24 ns")
    func coarseness() {
        let moments = [0, 1, 16_777_215, 16_777_216, 999_999_999].map {
            TAI64N(HandshakeTime(seconds: 7, nanoseconds: $0))
        }
        #expect(moments[0] == moments[1] && moments[1] == moments[2])
        #expect(moments[2] < moments[3] && moments[3] < moments[4])
        #expect(moments[4] < TAI64N(HandshakeTime(seconds: 8, nanoseconds: 0)))
    }

    @Test("is ordered as its bytes are")
    func order() {
        var dice = SeededRandom(1)
        for _ in Rounds.usual(5_000) {
            var left = dice.bytes(12)
            var right = dice.bytes(12)
            // Mostly they differ late.
            let common = dice.below(13)
            right.replaceSubrange(..<common, with: left[..<common])
            if dice.once(in: 2) { swap(&left, &right) }
            let labels = (TAI64N(bytes: InlineArray { left[$0] }), TAI64N(bytes: InlineArray { right[$0] }))
            #expect((labels.0 < labels.1) == left.lexicographicallyPrecedes(right))
            #expect((labels.0 == labels.1) == (left == right))
        }
    }

    @Test("has a successor that is later, by a nanosecond")
    func successor() {
        var label = TAI64N(HandshakeTime(seconds: 7, nanoseconds: 999_999_999))
        let coarse = label
        for _ in 0..<1_000 {
            #expect(label < label.successor)
            label = label.successor
        }
        #expect(label < TAI64N(HandshakeTime(seconds: 8, nanoseconds: 0)))
        #expect(coarse < label)
        let end = TAI64N(bytes: InlineArray(hex: "40000000000000113b9ac9ff"))
        #expect(end.successor.bytes.bytes.hex == "400000000000001200000000")
    }

    @Test("any clock gives a label", arguments: [Int64.min, -1, 0, 1, .max])
    func strangeClocks(_ number: Int64) {
        for nanoseconds in [Int64.min, -1, 0, 999_999_999, .max] {
            let label = TAI64N(HandshakeTime(seconds: number, nanoseconds: nanoseconds))
            let parts = label.bytes.bytes
            #expect(parts[8...].reduce(0) { $0 << 8 | UInt64($1) } < 1_000_000_000)
        }
    }
}
