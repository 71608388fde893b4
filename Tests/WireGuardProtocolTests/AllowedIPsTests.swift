import TestSupport
import Testing
import WireGuardModel
import WireGuardProtocol

@Suite("Allowed IPs")
struct AllowedIPsTests {
    @Test("find, own and list as a plain list does, whatever happens", arguments: Rounds.usual(15))
    func agreesWithList(_ round: Int) {
        var random = SeededRandom(UInt64(round))
        var (trie, list) = (AllowedIPs<UInt32>(), LinearAllowedIPs())
        let world = World(&random)
        for _ in 0..<400 {
            let (prefix, owner) = (world.prefix(&random), UInt32(random.below(6)))
            switch random.below(12) {
            case 0..<7: #expect(trie.insert(prefix, owner) == list.insert(prefix, owner))
            case 7..<9: #expect(trie.remove(prefix) == list.remove(prefix))
            case 9: #expect(trie.remove(prefix, ifOwnedBy: owner) == list.remove(prefix, ifOwnedBy: owner))
            case 10 where random.once(in: 10):
                trie.removeAll(of: owner)
                list.removeAll(of: owner)
            default: #expect(trie.owner(of: prefix) == list.owner(of: prefix))
            }
            for _ in 0..<4 {
                let address = world.address(&random)
                #expect(trie.lookup(address) == list.lookup(address))
            }
        }
        check(trie, list)
        let index = AllowedIPsIndex(trie)
        for _ in 0..<400 {
            let address = world.address(&random)
            #expect(index.lookup(address) == list.lookup(address))
        }
        for owner in 0..<6 as Range<UInt32> { trie.removeAll(of: owner) }
        #expect(trie.count == 0)
        let empty = AllowedIPsIndex(trie)
        for _ in 0..<20 {
            let address = world.address(&random)
            #expect(trie.lookup(address) == nil)
            #expect(empty.lookup(address) == nil)
        }
    }

    private func check(_ trie: AllowedIPs<UInt32>, _ list: LinearAllowedIPs) {
        #expect(trie.count == list.entries.count)
        var all: [LinearAllowedIPs.Entry] = []
        trie.forEachPrefix { all.append(.init(prefix: $0, owner: $1)) }
        #expect(all == list.inOrder)
        for owner in 0..<6 as Range<UInt32> {
            #expect(trie.prefixes(of: owner) == list.inOrder.filter { $0.owner == owner }.map(\.prefix))
        }
    }

    @Test("a moved prefix leaves its old owner, and longer ones keep theirs")
    func moves() {
        var trie = AllowedIPs<UInt32>()
        let (wide, narrow) = (prefix(0x0a00_0000, 8), prefix(0x0a01_0000, 16))
        #expect(trie.insert(wide, 1) == nil)
        #expect(trie.insert(narrow, 2) == nil)
        #expect(trie.insert(wide, 3) == 1)
        #expect(trie.prefixes(of: 1) == [])
        #expect(trie.prefixes(of: 3) == [wide])
        #expect(trie.lookup(IPAddress(v4: 0x0a01_0001)) == 2)
        #expect(trie.lookup(IPAddress(v4: 0x0a02_0001)) == 3)
        #expect(trie.remove(narrow, ifOwnedBy: 3) == false)
        #expect(trie.remove(narrow, ifOwnedBy: 2) == true)
        #expect(trie.lookup(IPAddress(v4: 0x0a01_0001)) == 3)
    }

    @Test("a prefix of no bits owns its whole family, and only that")
    func defaultRoutes() {
        var trie = AllowedIPs<UInt32>()
        let (anyV4, anyV6) = (prefix(0, 0), AllowedIP(IPAddress(v6: 0, 0), prefixLength: 0)!)
        trie.insert(anyV4, 4)
        for address in [0, 1, .max] as [UInt32] { #expect(trie.lookup(IPAddress(v4: address)) == 4) }
        #expect(trie.lookup(IPAddress(v6: 0, 0)) == nil)
        trie.insert(anyV6, 6)
        for half in [0, 1, .max] as [UInt64] { #expect(trie.lookup(IPAddress(v6: half, half)) == 6) }
        // Single addresses at both ends of it.
        trie.insert(prefix(0, 32), 1)
        trie.insert(prefix(.max, 32), 2)
        trie.insert(AllowedIP(IPAddress(v6: .max, .max), prefixLength: 128)!, 3)
        #expect([0, 1, .max - 1, .max].map { trie.lookup(IPAddress(v4: $0)) } == [1, 4, 4, 2])
        #expect([.max - 1, .max].map { trie.lookup(IPAddress(v6: .max, $0)) } == [6, 3])
    }

    @Test("bits behind a prefix play no part")
    func hostBits() {
        var trie = AllowedIPs<UInt32>()
        trie.insert(prefix(0x0a01_0203, 16), 1)
        #expect(trie.owner(of: prefix(0x0a01_ffff, 16)) == 1)
        #expect(trie.prefixes(of: 1) == [prefix(0x0a01_0000, 16)])
        #expect(trie.remove(prefix(0x0a01_0000, 16)) == 1)
        #expect(trie.count == 0)
    }

    @Test("a copy stays as it was")
    func copies() {
        var trie = AllowedIPs<UInt32>()
        trie.insert(prefix(0x0a00_0000, 8), 1)
        let before = trie
        trie.insert(prefix(0x0a00_0000, 8), 2)
        trie.insert(prefix(0x0a00_0000, 24), 3)
        #expect(before.lookup(IPAddress(v4: 0x0a00_0001)) == 1)
        #expect(before.count == 1)
        #expect(trie.lookup(IPAddress(v4: 0x0a00_0001)) == 3)
    }

    @Test("a chain of every length is found at every length")
    func chain() {
        var trie = AllowedIPs<UInt32>()
        for length in 0...128 as ClosedRange<UInt8> {
            trie.insert(AllowedIP(IPAddress(v6: .max, .max), prefixLength: length)!, UInt32(length))
        }
        let index = AllowedIPsIndex(trie)
        for bit in 0..<128 {
            // The first difference is this bit.
            let high = bit < 64 ? UInt64.max ^ 1 << UInt64(63 - bit) : .max
            let low = bit < 64 ? UInt64.max : .max ^ 1 << UInt64(127 - bit)
            #expect(trie.lookup(IPAddress(v6: high, low)) == UInt32(bit))
            #expect(index.lookup(IPAddress(v6: high, low)) == UInt32(bit))
        }
        #expect(trie.lookup(IPAddress(v6: .max, .max)) == 128)
    }

    /// Dense enough for wide steps: prefixes of all lengths around the end of a step, and empty places between.
    @Test("the index finds what the trie does where prefixes are dense", arguments: Rounds.usual(12))
    func denseIndex(_ round: Int) {
        var random = SeededRandom(UInt64(1000 + round))
        var trie = AllowedIPs<UInt32>()
        let isV6 = random.once(in: 2)
        let spread = 6 + random.below(8)
        func address(_ bits: UInt64) -> IPAddress {
            isV6 ? IPAddress(v6: 0xfd00 << 48, bits << 40) : IPAddress(v4: 0x0a00_0000 | UInt32(bits << 8))
        }
        let family = isV6 ? 128 : 32
        for owner in 0..<(UInt32(1) << UInt32(spread - 1)) {
            let place = address(random.next() >> UInt64(64 - spread))
            let length = family - (isV6 ? 40 : 8) - random.below(random.once(in: 4) ? spread : 3)
            trie.insert(AllowedIP(place, prefixLength: UInt8(length))!, owner)
        }
        if random.once(in: 2) { trie.insert(AllowedIP(address(0), prefixLength: UInt8(random.below(9)))!, .max) }
        let index = AllowedIPsIndex(trie)
        var found = 0
        for bits in 0..<(UInt64(1) << UInt64(spread + 1)) {
            let owner = trie.lookup(address(bits))
            #expect(index.lookup(address(bits)) == owner)
            found += owner == nil ? 0 : 1
        }
        #expect(found > 0)
    }

    private func prefix(_ address: UInt32, _ length: UInt8) -> AllowedIP {
        AllowedIP(IPAddress(v4: address), prefixLength: length)!
    }
}

/// The same as a list that is searched from end to end.
private struct LinearAllowedIPs {
    struct Entry: Equatable {
        let prefix: AllowedIP
        let owner: UInt32
    }

    private(set) var entries: [Entry] = []

    func lookup(_ address: IPAddress) -> UInt32? {
        entries.filter { AllowedIP(address, prefixLength: $0.prefix.prefixLength)?.masked == $0.prefix }
            .filter { $0.prefix.address.family == address.family }
            .max { $0.prefix.prefixLength < $1.prefix.prefixLength }?.owner
    }

    func owner(of prefix: AllowedIP) -> UInt32? { entries.first { $0.prefix == prefix.masked }?.owner }

    mutating func insert(_ prefix: AllowedIP, _ owner: UInt32) -> UInt32? {
        defer { entries.append(Entry(prefix: prefix.masked, owner: owner)) }
        return remove(prefix)
    }

    mutating func remove(_ prefix: AllowedIP) -> UInt32? {
        guard let index = entries.firstIndex(where: { $0.prefix == prefix.masked }) else { return nil }
        return entries.remove(at: index).owner
    }

    mutating func remove(_ prefix: AllowedIP, ifOwnedBy owner: UInt32) -> Bool {
        guard self.owner(of: prefix) == owner else { return false }
        return remove(prefix) != nil
    }

    mutating func removeAll(of owner: UInt32) { entries.removeAll { $0.owner == owner } }

    var inOrder: [Entry] { entries.sorted { sortKey($0.prefix) < sortKey($1.prefix) } }

    private func sortKey(_ prefix: AllowedIP) -> (UInt8, UInt64, UInt64, UInt8) {
        (prefix.address.family.rawValue, prefix.address.high, prefix.address.low, prefix.prefixLength)
    }
}

/// Addresses that are near each other, so that prefixes contain each other and addresses hit them.
private struct World {
    private let centres: [IPAddress]

    init(_ random: inout SeededRandom) {
        centres = (0..<4).map { _ in
            random.once(in: 2)
                ? IPAddress(v4: UInt32(random.next() >> 32)) : IPAddress(v6: random.next(), random.next())
        }
    }

    /// One of the centres with a bit or two turned over.
    func address(_ random: inout SeededRandom) -> IPAddress {
        let centre = random.pick(centres)
        var (high, low) = (centre.high, centre.low)
        for _ in 0..<random.below(3) {
            switch centre.family {
            case .v4: low ^= 1 << UInt64(random.below(32))
            case .v6 where random.once(in: 2): high ^= 1 << UInt64(random.below(64))
            case .v6: low ^= 1 << UInt64(random.below(64))
            }
        }
        return centre.family == .v4 ? IPAddress(v4: UInt32(low)) : IPAddress(v6: high, low)
    }

    func prefix(_ random: inout SeededRandom) -> AllowedIP {
        let address = address(&random)
        let bits = Int(address.family.bits)
        let length =
            switch random.below(6) {
            case 0: 0
            case 1: bits
            default: random.below(bits + 1)
            }
        return AllowedIP(address, prefixLength: UInt8(length))!
    }
}
