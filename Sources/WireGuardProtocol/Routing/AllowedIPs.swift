package import WireGuardModel

/// Which value, a peer as a rule, each prefix of inner addresses belongs to: cryptokey routing (the paper's
/// section 2). A prefix has one owner.
///
/// A value type: a copy costs nothing until one of both changes. Bits of a prefix behind its length play no part.
/// The data path looks up in an `AllowedIPsIndex`.
package struct AllowedIPs<Value: BitwiseCopyable & Equatable & Sendable>: Sendable {
    private(set) var v4 = PrefixTrie<UInt32, Value>()
    private(set) var v6 = PrefixTrie<UInt128, Value>()
    /// How many prefixes there are.
    package private(set) var count = 0

    package init() {}

    /// The owner of the longest prefix that the address is in.
    @inline(__always)
    package func lookup(_ address: IPAddress) -> Value? {
        switch address.family {
        case .v4: v4.lookup(UInt32(truncatingIfNeeded: address.low))
        case .v6: v6.lookup(address.number)
        }
    }

    /// The owner of exactly this prefix.
    package func owner(of prefix: AllowedIP) -> Value? {
        let prefix = prefix.masked
        return switch prefix.address.family {
        case .v4: v4.value(of: UInt32(prefix.address.low), prefix.prefixLength)
        case .v6: v6.value(of: prefix.address.number, prefix.prefixLength)
        }
    }

    /// Gives a prefix an owner, and returns the one that it leaves.
    @discardableResult
    package mutating func insert(_ prefix: AllowedIP, _ owner: Value) -> Value? {
        let prefix = prefix.masked
        let old =
            switch prefix.address.family {
            case .v4: v4.insert(UInt32(prefix.address.low), prefix.prefixLength, owner)
            case .v6: v6.insert(prefix.address.number, prefix.prefixLength, owner)
            }
        if old == nil { count += 1 }
        return old
    }

    /// Takes a prefix away, and returns its owner.
    @discardableResult
    package mutating func remove(_ prefix: AllowedIP) -> Value? {
        let prefix = prefix.masked
        let old =
            switch prefix.address.family {
            case .v4: v4.remove(UInt32(prefix.address.low), prefix.prefixLength)
            case .v6: v6.remove(prefix.address.number, prefix.prefixLength)
            }
        if old != nil { count -= 1 }
        return old
    }

    /// Takes a prefix away if it is this owner's; false otherwise.
    @discardableResult
    package mutating func remove(_ prefix: AllowedIP, ifOwnedBy owner: Value) -> Bool {
        guard self.owner(of: prefix) == owner else { return false }
        remove(prefix)
        return true
    }

    /// Takes all prefixes of an owner away.
    package mutating func removeAll(of owner: Value) {
        for prefix in prefixes(of: owner) { remove(prefix) }
    }

    /// All prefixes with their owners: IPv4 first, in the order of their addresses, a shorter one before the longer
    /// ones in it.
    package func forEachPrefix(_ body: (AllowedIP, Value) -> Void) {
        v4.forEachPrefix { key, length, owner in body(AllowedIP(IPAddress(v4: key), prefixLength: length)!, owner) }
        v6.forEachPrefix { key, length, owner in body(AllowedIP(IPAddress(number: key), prefixLength: length)!, owner) }
    }

    /// The prefixes of an owner, in the order of `forEachPrefix`. It goes through all.
    package func prefixes(of owner: Value) -> [AllowedIP] {
        var prefixes: [AllowedIP] = []
        forEachPrefix { if $1 == owner { prefixes.append($0) } }
        return prefixes
    }
}

extension IPAddress {
    /// An IPv6 address in one word.
    var number: UInt128 { UInt128(high) << 64 | UInt128(low) }

    fileprivate init(number: UInt128) { self.init(v6: UInt64(number >> 64), UInt64(truncatingIfNeeded: number)) }
}
