/// SplitMix64: random values that are the same in every run.
package struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    package init(_ seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    /// From 0 to one less than `bound`.
    package mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// True once in `count` times.
    package mutating func once(in count: Int) -> Bool { below(count) == 0 }

    package mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next()) }

    package mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }

    package mutating func pick<Item>(_ items: [Item]) -> Item { items[below(items.count)] }

    /// Numbers of every length in bits alike, so that small ones are no rarer than large ones.
    package mutating func number() -> UInt64 {
        let bits = below(65)
        return bits == 0 ? 0 : next() >> UInt64(64 - bits)
    }

    /// One to three bytes replaced, inserted or dropped, new ones mostly from `alphabet`.
    package mutating func mutated(_ bytes: [UInt8], alphabet: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...below(3) {
            let new = once(in: 8) ? byte() : pick(alphabet)
            let place = below(bytes.count + 1)
            switch below(3) {
            case 0: bytes.insert(new, at: place)
            case 1 where place < bytes.count: bytes.remove(at: place)
            default: if place < bytes.count { bytes[place] = new }
            }
        }
        return bytes
    }
}

/// How often tests of random values repeat themselves: `WIREGUARD_TEST_ROUNDS` times as often as usual.
package enum Rounds {
    private static let factor = Places.environment("WIREGUARD_TEST_ROUNDS").flatMap { Int($0) } ?? 1

    package static func usual(_ count: Int) -> Range<Int> { 0..<(count * factor) }
}
