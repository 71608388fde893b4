/// Prefixes of numbers with a value each, found by their longest match.
///
/// A binary trie whose paths without forks are one step. Nodes lie in an array and know each other by index, so
/// that a copy of the trie is a reference until one of both changes.
struct PrefixTrie<Key: FixedWidthInteger & UnsignedInteger & BitwiseCopyable & Sendable, Value>: Sendable
where Value: BitwiseCopyable & Sendable {
    /// All numbers that agree with `key` in their first `length` bits. One without a value is a fork.
    private struct Node: BitwiseCopyable, Sendable {
        var key: Key
        /// By the bit behind the prefix; `none` where nothing follows.
        var children: (UInt32, UInt32)
        var length: UInt8
        var hasValue: Bool
    }

    private var nodes: [Node] = []
    /// At the indices of their nodes.
    private var values: [Value?] = []
    private var top = Self.none
    private var free: [UInt32] = []

    private static var none: UInt32 { .max }

    private static var bits: Int { Key.bitWidth }

    // MARK: Look up

    /// The value of the longest prefix that the number has.
    @inline(__always)
    func lookup(_ key: Key) -> Value? {
        var best = Self.none
        nodes.withUnsafeBufferPointer { nodes in
            var next = top
            while next != Self.none {
                let node = nodes[Int(next)]
                guard (key ^ node.key) & Self.mask(node.length) == 0 else { break }
                best = node.hasValue ? next : best
                next = Self.child(of: node, towards: key)
            }
        }
        return best == Self.none ? nil : values[Int(best)]
    }

    /// The value of exactly this prefix.
    func value(of key: Key, _ length: UInt8) -> Value? {
        var next = top
        while next != Self.none {
            let node = nodes[Int(next)]
            guard node.length <= length, (key ^ node.key) & Self.mask(node.length) == 0 else { return nil }
            if node.length == length { return values[Int(next)] }
            next = Self.child(of: node, towards: key)
        }
        return nil
    }

    @inline(__always)
    private static func mask(_ length: UInt8) -> Key {
        length == 0 ? 0 : Key.max &<< Key(truncatingIfNeeded: bits - Int(length))
    }

    /// A prefix of full length has no children, whichever bit is asked for.
    @inline(__always)
    private static func child(of node: Node, towards key: Key) -> UInt32 {
        let bit = (key &<< Key(truncatingIfNeeded: Int(node.length))) >> Key(truncatingIfNeeded: bits - 1)
        return bit == 0 ? node.children.0 : node.children.1
    }

    // MARK: Insert

    /// Gives a prefix a value; returns the one that it had. `key` has no bits behind the prefix.
    mutating func insert(_ key: Key, _ length: UInt8, _ value: Value) -> Value? {
        var parent = Self.none
        var next = top
        while next != Self.none {
            let node = nodes[Int(next)]
            let common = Self.commonLength(key, length, node)
            if common < node.length { break }
            if node.length == length { return replace(valueOf: next, by: value) }
            parent = next
            next = Self.child(of: node, towards: key)
        }
        insert(key, length, value, between: parent, and: next)
        return nil
    }

    /// Below `parent`, in the place of `sibling`, which is none or differs within the new prefix or lies behind it.
    private mutating func insert(
        _ key: Key, _ length: UInt8, _ value: Value, between parent: UInt32, and sibling: UInt32
    ) {
        let leaf = add(Node(key: key, children: (Self.none, Self.none), length: length, hasValue: true), value)
        guard sibling != Self.none else { return link(leaf, below: parent) }
        let common = Self.commonLength(key, length, nodes[Int(sibling)])
        if common == length {
            attach(sibling, to: leaf)
            return link(leaf, below: parent)
        }
        let forkKey = key & Self.mask(common)
        let fork = add(Node(key: forkKey, children: (Self.none, Self.none), length: common, hasValue: false), nil)
        attach(sibling, to: fork)
        attach(leaf, to: fork)
        link(fork, below: parent)
    }

    /// How many bits, at most both lengths, are the same in front.
    private static func commonLength(_ key: Key, _ length: UInt8, _ node: Node) -> UInt8 {
        min(UInt8((key ^ node.key).leadingZeroBitCount), min(length, node.length))
    }

    private mutating func replace(valueOf index: UInt32, by value: Value?) -> Value? {
        let old = values[Int(index)]
        values[Int(index)] = value
        nodes[Int(index)].hasValue = value != nil
        return old
    }

    private mutating func add(_ node: Node, _ value: Value?) -> UInt32 {
        if let index = free.popLast() {
            nodes[Int(index)] = node
            values[Int(index)] = value
            return index
        }
        nodes.append(node)
        values.append(value)
        return UInt32(nodes.count - 1)
    }

    private mutating func link(_ child: UInt32, below parent: UInt32) {
        if parent == Self.none { top = child } else { attach(child, to: parent) }
    }

    private mutating func attach(_ child: UInt32, to parent: UInt32) {
        setChild(child, of: parent, towards: nodes[Int(child)].key)
    }

    private mutating func setChild(_ child: UInt32, of parent: UInt32, towards key: Key) {
        let shift = Key(truncatingIfNeeded: Self.bits - 1 - Int(nodes[Int(parent)].length))
        if key >> shift & 1 == 0 {
            nodes[Int(parent)].children.0 = child
        } else {
            nodes[Int(parent)].children.1 = child
        }
    }

    // MARK: Remove

    /// Takes a prefix out; returns the value that it had.
    mutating func remove(_ key: Key, _ length: UInt8) -> Value? {
        var (grandparent, parent, next) = (Self.none, Self.none, top)
        while next != Self.none {
            let node = nodes[Int(next)]
            guard Self.commonLength(key, length, node) == node.length else { return nil }
            if node.length == length { break }
            (grandparent, parent) = (parent, next)
            next = Self.child(of: node, towards: key)
        }
        guard next != Self.none, nodes[Int(next)].hasValue else { return nil }
        let old = replace(valueOf: next, by: nil)
        closeUp(next, below: parent)
        if parent != Self.none { closeUp(parent, below: grandparent) }
        return old
    }

    /// Puts what follows a node in its place if it neither holds a value nor forks.
    private mutating func closeUp(_ index: UInt32, below parent: UInt32) {
        let node = nodes[Int(index)]
        guard !node.hasValue, node.children.0 == Self.none || node.children.1 == Self.none else { return }
        let heir = min(node.children.0, node.children.1)
        if parent == Self.none { top = heir } else { setChild(heir, of: parent, towards: node.key) }
        free.append(index)
    }

    // MARK: Enumerate

    /// In the order of the numbers, a shorter prefix before the longer ones in it.
    func forEachPrefix(_ body: (Key, UInt8, Value) -> Void) {
        var waiting = [top]
        while let index = waiting.popLast() {
            guard index != Self.none else { continue }
            let node = nodes[Int(index)]
            if let value = values[Int(index)] { body(node.key, node.length, value) }
            waiting.append(node.children.1)
            waiting.append(node.children.0)
        }
    }

    // MARK: Walk

    /// A node as others see it.
    struct Place: BitwiseCopyable {
        fileprivate let index: UInt32
    }

    /// The shortest prefix or fork, which all others begin with.
    var root: Place? { place(top) }

    /// How many nodes there are at most.
    var count: Int { nodes.count }

    func key(_ place: Place) -> Key { nodes[Int(place.index)].key }

    func length(_ place: Place) -> UInt8 { nodes[Int(place.index)].length }

    func value(_ place: Place) -> Value? { values[Int(place.index)] }

    /// What goes on with a bit 0, and with a bit 1.
    func children(_ place: Place) -> (Place?, Place?) {
        let children = nodes[Int(place.index)].children
        return (self.place(children.0), self.place(children.1))
    }

    /// How many different ways begin behind a node and reach prefixes of `length` or the last before that.
    func branches(of place: Place, to length: UInt8) -> Int {
        guard self.length(place) < length else { return 1 }
        switch children(place) {
        case (nil, nil): return 1
        case (let child?, nil), (nil, let child?): return branches(of: child, to: length)
        case (let left?, let right?): return branches(of: left, to: length) + branches(of: right, to: length)
        }
    }

    private func place(_ index: UInt32) -> Place? { index == Self.none ? nil : Place(index: index) }
}
