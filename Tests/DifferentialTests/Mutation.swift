import TestSupport

/// The mistakes that hands, editors and scripts make in a text.
struct Mutation: Sendable {
    private let apply: @Sendable ([UInt8], inout SeededRandom) -> [UInt8]

    private init(_ apply: @escaping @Sendable ([UInt8], inout SeededRandom) -> [UInt8]) { self.apply = apply }

    /// What a parser may trip over: white space, signs, separators, quotes, bytes that are no ASCII, and a NUL.
    private static let stumblingBlocks: [[UInt8]] =
        [
            " ", "\t", "\n", "\r", "\u{b}", "\u{c}", "+", "-", ",", ";", "/", ":", "=", "#", "%", ".", "[", "]", "0",
            "0x", "00", "A", "z", "é", "\u{feff}", "\u{a0}", "'", "\"", "\\", "\u{1b}[0m", "\u{7f}", "%s%n",
        ].map(\.bytes) + [[0], [0xff], [0xc3], [0x80]]

    private static let hugeNumbers = [
        "255", "256", "32768", "65535", "65536", "2147483647", "2147483648", "4294967295", "4294967296",
        "9223372036854775807", "9223372036854775808", "18446744073709551615", "18446744073709551616",
        "99999999999999999999999999", "-1", "0x7fffffff",
    ].map(\.bytes)

    private static let all: [Mutation] = [
        Mutation { text, random in text.replacing(at: random.place(in: text)) { [$0 ^ 1 << UInt8(random.below(8))] } },
        Mutation { text, random in text.replacing(at: random.place(in: text)) { _ in [] } },
        Mutation { text, random in text.replacing(at: random.place(in: text)) { [$0, $0] } },
        Mutation { text, random in text.replacing(at: random.place(in: text)) { [$0 ^ 0x20] } },
        Mutation { text, random in text.replacing(at: random.place(in: text)) { _ in random.pick(stumblingBlocks) } },
        Mutation { text, random in text.replacing(at: random.place(in: text)) { random.pick(stumblingBlocks) + [$0] } },
        Mutation { text, random in random.pick(stumblingBlocks) + text },
        Mutation { text, random in text + random.pick(stumblingBlocks) },
        Mutation { text, random in Array(text.prefix(random.below(text.count + 1))) },
        Mutation { text, random in Array(text.dropFirst(random.below(text.count + 1))) },
        Mutation { text, _ in text + text },
        Mutation { text, random in
            var text = text
            if text.count > 1 { text.swapAt(random.below(text.count), random.below(text.count)) }
            return text
        },
        Mutation { text, random in
            let start = text.firstIndex { (0x30...0x39).contains($0) } ?? 0
            let end = text[start...].firstIndex { !(0x30...0x39).contains($0) } ?? text.count
            return text[..<start] + random.pick(hugeNumbers) + text[end...]
        },
        Mutation { text, random in text.map { 0x61...0x7a ~= $0 ? $0 & 0xdf : $0 } },
    ]

    /// One mistake, sometimes several.
    static func mutate(_ text: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var text = text
        repeat { text = random.pick(all).apply(text, &random) } while random.chance(0.2)
        return text
    }
}

extension SeededRandom {
    fileprivate mutating func place(in text: [UInt8]) -> Int { text.isEmpty ? 0 : below(text.count) }
}

extension [UInt8] {
    fileprivate func replacing(at place: Int, _ replacement: (UInt8) -> [UInt8]) -> [UInt8] {
        isEmpty ? self : self[..<place] + replacement(self[place]) + self[(place + 1)...]
    }
}

extension String {
    var bytes: [UInt8] { Array(utf8) }
}
