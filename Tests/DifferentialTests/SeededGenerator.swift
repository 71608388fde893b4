/// SplitMix64: the same numbers on every machine and with every compiler.
struct SeededGenerator {
    private var state: UInt64

    /// A stream of its own for each case of each kind.
    init(seed: UInt64, kind: String, number: Int) {
        state = seed
        for byte in kind.utf8 { state = next() ^ UInt64(byte) }
        state = next() ^ UInt64(number)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func number(in range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

    mutating func chance(_ probability: Double) -> Bool { Double(next() >> 11) < probability * 0x1p53 }

    mutating func pick<Item>(_ items: [Item]) -> Item { items[below(items.count)] }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }

    mutating func shuffled<Item>(_ items: [Item]) -> [Item] {
        var items = items
        for last in items.indices.dropFirst().reversed() { items.swapAt(last, below(last + 1)) }
        return items
    }
}
