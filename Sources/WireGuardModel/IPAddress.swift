/// An IPv4 or IPv6 address as a number.
package struct IPAddress: Hashable, Sendable, BitwiseCopyable {
    package enum Family: UInt8, Sendable, BitwiseCopyable {
        case v4, v6

        /// Width of an address in bits: the longest prefix.
        package var bits: UInt8 { self == .v4 ? 32 : 128 }

        package var byteCount: Int { self == .v4 ? 4 : 16 }
    }

    /// The words of the number, lowest last. 32 bits each, and in front of the family, so that an address
    /// with a prefix length or port behind it packs tightly: a large device holds many.
    private let words: (UInt32, UInt32, UInt32, UInt32)
    package let family: Family

    /// The upper half of an IPv6 address; 0 in an IPv4 address.
    package var high: UInt64 { UInt64(words.0) << 32 | UInt64(words.1) }
    /// The lower half of an IPv6 address; the whole IPv4 address.
    package var low: UInt64 { UInt64(words.2) << 32 | UInt64(words.3) }

    package init(v4 number: UInt32) {
        family = .v4
        words = (0, 0, 0, number)
    }

    package init(v6 high: UInt64, _ low: UInt64) {
        family = .v6
        words = (
            UInt32(high >> 32), UInt32(truncatingIfNeeded: high), UInt32(low >> 32), UInt32(truncatingIfNeeded: low)
        )
    }

    package static func == (left: IPAddress, right: IPAddress) -> Bool {
        left.family == right.family && left.words == right.words
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(family)
        hasher.combine(high)
        hasher.combine(low)
    }

    /// From 4 or 16 bytes in network order; nil for any other count.
    package init?(bytes: Span<UInt8>) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        for index in bytes.indices {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(bytes[index])
        }
        switch bytes.count {
        case 4: self.init(v4: UInt32(low))
        case 16: self.init(v6: high, low)
        default: return nil
        }
    }

    /// The address in network order, in the first 4 or all 16 bytes.
    package var networkBytes: InlineArray<16, UInt8> {
        let number = family == .v4 ? (low << 32, 0) : (high, low)
        return InlineArray { index in
            let half = index < 8 ? number.0 : number.1
            return UInt8(truncatingIfNeeded: half >> UInt64(56 - index % 8 * 8))
        }
    }
}
