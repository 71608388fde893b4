/// A prefix of inner addresses that belongs to a peer: cryptokey routing's unit.
package struct AllowedIP: Hashable, Sendable, BitwiseCopyable {
    package let address: IPAddress
    /// 0 to 32, or to 128 for IPv6. Bits of the address behind it are kept as they were given.
    package let prefixLength: UInt8

    /// Nil when the prefix is longer than the address.
    package init?(_ address: IPAddress, prefixLength: UInt8) {
        guard prefixLength <= address.family.bits else { return nil }
        (self.address, self.prefixLength) = (address, prefixLength)
    }

    /// Whether the address has bits set behind the prefix.
    package var hasHostBits: Bool { self != masked }

    /// The same prefix without bits behind it, as it is routed.
    package var masked: AllowedIP {
        let length = UInt64(prefixLength)
        // Smart shifts: by the width of the number and more nothing is left.
        let address =
            switch address.family {
            case .v4: IPAddress(v4: UInt32(self.address.low) & ~(UInt32.max >> length))
            case .v6:
                IPAddress(
                    v6: self.address.high & ~(UInt64.max >> length),
                    self.address.low & ~(length < 64 ? UInt64.max : UInt64.max >> (length - 64)))
            }
        return AllowedIP(address, prefixLength: prefixLength)!
    }

    /// Whether every address of `other` is one of this prefix, too.
    package func contains(_ other: AllowedIP) -> Bool {
        address.family == other.address.family && prefixLength <= other.prefixLength
            && masked.address == AllowedIP(other.address, prefixLength: prefixLength)!.masked.address
    }
}
