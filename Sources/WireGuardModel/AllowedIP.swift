/// A prefix of inner addresses that belongs to a peer: cryptokey routing's unit.
package struct AllowedIP: Hashable, Sendable {
    package let address: IPAddress
    /// 0 to 32, or to 128 for IPv6. Bits of the address behind it are kept as they were given.
    package let prefixLength: UInt8

    /// Nil when the prefix is longer than the address.
    package init?(_ address: IPAddress, prefixLength: UInt8) {
        guard prefixLength <= address.family.bits else { return nil }
        (self.address, self.prefixLength) = (address, prefixLength)
    }
}
