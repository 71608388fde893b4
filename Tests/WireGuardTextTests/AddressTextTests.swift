import ByteText
import TestSupport
import Testing
import WireGuardModel
import WireGuardText

/// Against inet_pton and inet_ntop.
@Suite("Texts of addresses")
struct AddressTextTests {
    @Test("IPv6 of every pattern of zero, one and full groups")
    func everyPattern() {
        var mismatches: [String] = []
        for number in 0..<6561 {
            var rest = number
            let groups: [[UInt8]] = (0..<8).map { _ in
                defer { rest /= 3 }
                return [[0, 0], [0, 1], [0xff, 0xff]][rest % 3]
            }
            check(groups.flatMap { $0 }, &mismatches)
        }
        #expect(mismatches == [])
    }

    @Test("random IPv6, with runs of zeros and with IPv4 inside")
    func randomV6() {
        var random = SeededRandom(1)
        var mismatches: [String] = []
        for _ in Rounds.usual(20_000) {
            var bytes = random.bytes(16)
            for _ in 0..<random.below(3) {
                let start = random.below(16)
                for index in start..<(start + random.below(17 - start)) { bytes[index] = 0 }
            }
            if random.once(in: 4) {
                bytes.replaceSubrange(..<12, with: [UInt8](repeating: 0, count: 10) + [0xff, 0xff])
            }
            check(bytes, &mismatches)
        }
        #expect(mismatches == [])
    }

    @Test("IPv4")
    func v4() {
        var random = SeededRandom(2)
        var mismatches: [String] = []
        for byte in UInt8.min...UInt8.max {
            for place in 0..<4 {
                var bytes: [UInt8] = [1, 20, 200, 0]
                bytes[place] = byte
                check(bytes, &mismatches)
            }
        }
        for _ in Rounds.usual(5000) { check(random.bytes(4), &mismatches) }
        #expect(mismatches == [])
    }

    @Test("near misses are read exactly when inet_pton reads them")
    func nearMisses() {
        var random = SeededRandom(3)
        var mismatches: [String] = []
        for _ in Rounds.usual(20_000) {
            let isV6 = !random.once(in: 3)
            var raw = random.bytes(isV6 ? 16 : 4)
            if random.once(in: 2) { for index in raw.indices where random.once(in: 2) { raw[index] = 0 } }
            let text = NaiveAddress.write(raw).bytes
            let alphabet = isV6 ? "0123456789abcdefABCDEFg::::.%[] \0".bytes : "00123456789....:/ +-\0".bytes
            checkReading(random.mutated(text, alphabet: alphabet), &mismatches)
        }
        #expect(mismatches == [])
    }

    @Test("texts put together of pieces are read exactly when inet_pton reads them")
    func pieces() {
        let pieces = ["", "0", "1", "01", "255", "256", "1234", "12345", "ffff", "G", ":", "::", ".", "1.2.3.4", ":::"]
        var random = SeededRandom(4)
        var mismatches: [String] = []
        for _ in Rounds.usual(20_000) {
            var text = ""
            let separator = random.pick([":", ".", "::", ""])
            for index in 0..<random.below(10) { text += (index > 0 ? separator : "") + random.pick(pieces) }
            checkReading(text.bytes, &mismatches)
        }
        #expect(mismatches == [])
    }

    @Test(
        "what is almost an address",
        arguments: [
            "", ":", "::", ":::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9", "1::2::3", "00001::", "::1.2.3.4", "::ffff:1.2.3.4", "1.2.3.4::", "::1.2.3",
            "::1.2.3.04",
            "::1.2.3.256", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "fe80::1%lo", "[::1]", "::1 ", " ::1", "::g",
            "FE80::AbCd", "1.2.3.4", "1.2.3", "1.2.3.4.5", "1.2.3.4.", ".1.2.3.4", "1..2.3", "01.2.3.4", "00.0.0.0",
            "0.0.0.0", "255.255.255.255", "1.2.3.1000", "0x1.2.3.4", "1,2,3,4", "+1.2.3.4", "1.2.3.-4", "1.2.3.4 ", "1",
            "localhost", "1.2.3.4\0", "::1\0", "\0::1",
            "0000:0000:0000:0000:0000:0000:255.255.255.255", "0000:0000:0000:0000:0000:ffff:255.255.255.255 ",
            "0000:0000:0000:0000:0000:00000:255.255.255.255",
        ])
    func almost(_ text: String) {
        var mismatches: [String] = []
        checkReading(text.bytes, &mismatches)
        #expect(mismatches == [])
    }

    private func check(_ raw: [UInt8], _ mismatches: inout [String]) {
        let address = IPAddress(bytes: raw.span)!
        let expected = NaiveAddress.write(raw)
        let written = String { address.append(to: &$0) }
        if written != expected { mismatches.append("\(raw): \(written), not \(expected)") }
        let text = expected.bytes
        if IPAddress(text: text.span) != address { mismatches.append("does not read \(expected)") }
    }

    private func checkReading(_ text: [UInt8], _ mismatches: inout [String]) {
        let expected = NaiveAddress.read(text)
        let read = IPAddress(text: text.span)
        if read?.raw != expected { mismatches.append("\(text.text): \(read?.raw ?? []), not \(expected ?? [])") }
    }
}
