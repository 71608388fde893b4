import ByteText
import TestSupport
import Testing

/// Numbers read and written, against Swift's own `init(_: String)` and `description`.
@Suite("Numbers")
struct NumberTests {
    /// Around each power of two and of ten, the ends of all types among them.
    private static let boundaries: [UInt64] = {
        var powers = (0..<64).map { UInt64(1) << UInt64($0) }
        powers += (0..<20).map { (0..<$0).reduce(1) { power, _ in power * 10 } }
        return [0] + powers.flatMap { [$0 &- 1, $0, $0 &+ 1] } + powers.map { UInt64.max - $0 }
    }()

    @Test("writes decimal as Swift does")
    func writesDecimal() {
        var random = SeededRandom(5)
        for number in Self.boundaries + Rounds.usual(5000).map({ _ in random.number() }) {
            let word = UInt32(truncatingIfNeeded: number)
            let signed = Int64(bitPattern: number)
            let texts = [
                String { $0.append(decimal: number) }, String { $0.append(decimal: word) },
                String { $0.append(decimal: UInt16(truncatingIfNeeded: number)) },
                String { $0.append(decimal: UInt8(truncatingIfNeeded: number)) },
                String { $0.append(decimal: signed) }, String { $0.append(hexadecimal: word) },
            ]
            let expected = [
                "\(number)", "\(word)", "\(UInt16(truncatingIfNeeded: number))", "\(UInt8(truncatingIfNeeded: number))",
                "\(signed)", String(word, radix: 16),
            ]
            #expect(texts == expected)
        }
    }

    @Test("reads decimal that is written, also behind zeros, within each type's range")
    func readsDecimal() {
        var random = SeededRandom(6)
        for number in Self.boundaries + Rounds.usual(5000).map({ _ in random.number() }) {
            let zeros = String(repeating: "0", count: random.below(3) * random.below(20))
            checkReading(zeros + "\(number)")
        }
    }

    @Test("refuses what is beyond 64 bits, and no less")
    func refusesOverflow() {
        for text in [
            "18446744073709551615", "18446744073709551616", "18446744073709551620", "18446744073709551700",
            "18446744073709552000", "19999999999999999999", "99999999999999999999", "184467440737095516150",
            "100000000000000000000", "00018446744073709551615", "00018446744073709551616",
            String(repeating: "9", count: 100), String(repeating: "0", count: 100) + "7",
        ] { checkReading(text) }
        var random = SeededRandom(7)
        for _ in Rounds.usual(3000) {
            checkReading(String((0..<(18 + random.below(5))).map { _ in random.pick(Array("0123456789")) }))
        }
    }

    @Test("refuses every byte that is no digit, in every place")
    func refusesOtherBytes() {
        checkReading("")
        for byte in UInt8.min...UInt8.max {
            checkReading([byte])
            for place in 0...3 {
                var bytes = "123".bytes
                bytes.insert(byte, at: place)
                checkReading(bytes)
            }
        }
        for text in ["+1", "-1", "-0", " 1", "1 ", "1\n", "0x1", "1e3", "1_000", "1.0", "٣"] { checkReading(text) }
    }

    @Test("reads hexadecimal of up to 32 bits, in either case")
    func readsHexadecimal() {
        var random = SeededRandom(8)
        for _ in Rounds.usual(5000) {
            var text = String(random.number() >> UInt64(random.below(40)), radix: 16, uppercase: random.once(in: 2))
            if random.once(in: 3) { text = "0000000000" + text }
            checkHexadecimal(text.bytes)
            checkHexadecimal(random.mutated(text.bytes, alphabet: "0aF xg/:@`G-+".bytes))
        }
        for text in ["", "0", "ffffffff", "FFFFFFFF", "100000000", "0ffffffff", "1ffffffff", "0x1", "f ", "+f", "-1"] {
            checkHexadecimal(text.bytes)
        }
    }

    private func checkReading(_ text: String) { checkReading(text.bytes) }

    private func checkReading(_ bytes: [UInt8]) {
        let u64: UInt64? = bytes.span.decimal()
        let u32: UInt32? = bytes.span.decimal()
        let u16: UInt16? = bytes.span.decimal()
        let u8: UInt8? = bytes.span.decimal()
        // Swift takes a sign too.
        let digits = bytes.allSatisfy { 0x30...0x39 ~= $0 } ? bytes.text : ""
        let agrees =
            u64 == UInt64(digits) && u32 == UInt32(digits) && u16 == UInt16(digits) && u8 == UInt8(digits)
        #expect(agrees, "\(bytes.text): \([u64, u32.map(UInt64.init), u16.map(UInt64.init), u8.map(UInt64.init)])")
    }

    private func checkHexadecimal(_ bytes: [UInt8]) {
        let isSigned = bytes.contains(UInt8(ascii: "+")) || bytes.contains(UInt8(ascii: "-"))
        let isASCII = bytes.allSatisfy { $0 < 0x80 }
        let expected = isSigned || !isASCII ? nil : UInt32(bytes.text, radix: 16)
        let read = bytes.span.hexadecimal()
        #expect(read == expected, "\(bytes.text)")
    }
}
