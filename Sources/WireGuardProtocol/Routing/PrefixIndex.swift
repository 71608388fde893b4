/// The prefixes of a trie as they were at one moment, laid out for looking up: where many branch off close behind
/// each other, several bits are taken in one step.
///
/// A fork of the trie becomes a fan of 2^n ways that are chosen by the next n bits, n such that enough of the ways
/// lead somewhere. Ten thousand prefixes take two or three steps instead of fourteen.
struct PrefixIndex<Key: FixedWidthInteger & UnsignedInteger & BitwiseCopyable & Sendable, Value>: Sendable
where Value: BitwiseCopyable & Sendable {
    /// A prefix, and where the fan behind it begins.
    private struct Step: BitwiseCopyable, Sendable {
        var key: Key
        var value: UInt32
        var fan: UInt32
        var length: UInt8
        /// The fan has 2^width ways.
        var width: UInt8
    }

    /// One way of a fan.
    private struct Way: BitwiseCopyable, Sendable {
        var step: UInt32
        /// Of the longest prefix that is passed on this way.
        var value: UInt32
    }

    private var steps: [Step] = []
    /// The first is the way out of a prefix that nothing follows.
    private var ways = [Way(step: Self.none, value: Self.none)]
    private var values: [Value] = []

    private static var none: UInt32 { .max }
    private static var bits: Int { Key.bitWidth }
    private static var widest: UInt8 { 16 }

    // MARK: Look up

    /// The value of the longest prefix that the number has.
    @inline(__always)
    func lookup(_ key: Key) -> Value? {
        var best = Self.none
        steps.withUnsafeBufferPointer { steps in
            ways.withUnsafeBufferPointer { ways in
                // The first step, where there is any, is the root.
                var next = steps.isEmpty ? Self.none : 0
                while next != Self.none {
                    let step = steps[Int(next)]
                    guard (key ^ step.key) & Self.mask(step.length) == 0 else { break }
                    best = step.value != Self.none ? step.value : best
                    let way = ways[Int(step.fan) + Self.way(of: key, behind: step.length, width: step.width)]
                    best = way.value != Self.none ? way.value : best
                    next = way.step
                }
            }
        }
        return best == Self.none ? nil : values[Int(best)]
    }

    @inline(__always)
    private static func mask(_ length: UInt8) -> Key {
        length == 0 ? 0 : Key.max &<< Key(truncatingIfNeeded: bits - Int(length))
    }

    /// The number that the `width` bits behind a prefix are; nothing but 0 behind one of full length.
    @inline(__always)
    private static func way(of key: Key, behind length: UInt8, width: UInt8) -> Int {
        let rest = key &<< Key(truncatingIfNeeded: length)
        // In two parts, since a shift by all bits would be one by none.
        return Int(truncatingIfNeeded: (rest &>> 1) &>> Key(truncatingIfNeeded: bits - 1 - Int(width)))
    }

    // MARK: Build

    init(_ trie: PrefixTrie<Key, Value>) {
        guard let root = trie.root else { return }
        steps.reserveCapacity(trie.count)
        values.reserveCapacity(trie.count)
        _ = addStep(root, trie)
    }

    private mutating func addStep(_ node: PrefixTrie<Key, Value>.Place, _ trie: PrefixTrie<Key, Value>) -> UInt32 {
        let index = steps.count
        steps.append(
            Step(key: trie.key(node), value: addValue(of: node, trie), fan: 0, length: trie.length(node), width: 0))
        switch trie.children(node) {
        case (nil, nil): break
        case (let child?, nil), (nil, let child?):
            steps[index].fan = addFan(1)
            let step = addStep(child, trie)
            ways[Int(steps[index].fan)].step = step
        case (let left?, let right?):
            let fan = Fan(behind: node, trie)
            steps[index].width = fan.width
            let start = addFan(1 << Int(fan.width))
            steps[index].fan = start
            lay(left, in: fan, at: start, passed: Self.none, trie)
            lay(right, in: fan, at: start, passed: Self.none, trie)
        }
        return UInt32(index)
    }

    private mutating func addValue(of node: PrefixTrie<Key, Value>.Place, _ trie: PrefixTrie<Key, Value>) -> UInt32 {
        guard let value = trie.value(node) else { return Self.none }
        values.append(value)
        return UInt32(values.count - 1)
    }

    private mutating func addFan(_ count: Int) -> UInt32 {
        ways.append(contentsOf: repeatElement(Way(step: Self.none, value: Self.none), count: count))
        return UInt32(ways.count - count)
    }

    /// The bits that a fan decides by: from `start` to `end`.
    private struct Fan {
        let start: UInt8
        let end: UInt8

        var width: UInt8 { end - start }

        /// As wide as still one of two ways leads somewhere.
        init(behind node: PrefixTrie<Key, Value>.Place, _ trie: PrefixTrie<Key, Value>) {
            start = trie.length(node)
            var width: UInt8 = 1
            while width < PrefixIndex.widest, Int(start) + Int(width) < PrefixIndex.bits,
                trie.branches(of: node, to: start + width + 1) >= 1 << Int(width)
            {
                width += 1
            }
            end = start + width
        }
    }

    /// Lays what begins at `node` into its ways of a fan; `passed` is the value of the prefix before it.
    private mutating func lay(
        _ node: PrefixTrie<Key, Value>.Place, in fan: Fan, at start: UInt32, passed: UInt32,
        _ trie: PrefixTrie<Key, Value>
    ) {
        let first = Int(start) + Self.way(of: trie.key(node), behind: fan.start, width: fan.width)
        if trie.length(node) >= fan.end {
            let step = addStep(node, trie)
            ways[first] = Way(step: step, value: passed)
            return
        }
        let own = addValue(of: node, trie)
        let passed = own == Self.none ? passed : own
        // All ways that begin with this prefix; longer ones take theirs afterwards.
        for way in first..<(first + (1 << Int(fan.end - trie.length(node)))) { ways[way].value = passed }
        let (left, right) = trie.children(node)
        for child in [left, right] {
            if let child { lay(child, in: fan, at: start, passed: passed, trie) }
        }
    }
}
