import TestSupport

extension SeededRandom {
    /// A stream of its own for each case of each kind.
    init(seed: UInt64, kind: String, number: Int) {
        let mixed = kind.utf8.reduce(seed) { mixed, byte in
            var random = SeededRandom(mixed ^ UInt64(byte))
            return random.next()
        }
        self.init(mixed ^ UInt64(number))
    }

    mutating func number(in range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

    mutating func chance(_ probability: Double) -> Bool { Double(next() >> 11) < probability * 0x1p53 }

    /// As the standard library's, but the same with every version of it.
    mutating func shuffled<Item>(_ items: [Item]) -> [Item] {
        var items = items
        for last in items.indices.dropFirst().reversed() { items.swapAt(last, below(last + 1)) }
        return items
    }
}
