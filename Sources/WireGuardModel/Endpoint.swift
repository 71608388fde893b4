/// Where a peer is reached: an outer address and UDP port.
package struct Endpoint: Hashable, Sendable, BitwiseCopyable {
    package let address: IPAddress
    package let port: UInt16
    /// Interface index of a link-local IPv6 address; 0 for none.
    package let scope: UInt32

    package init(address: IPAddress, port: UInt16, scope: UInt32 = 0) {
        (self.address, self.port, self.scope) = (address, port, scope)
    }

    /// The IPv4 endpoint of an IPv4-mapped IPv6 address, ::ffff:192.0.2.1 (RFC 4291, section 2.5.5.2), to which no IPv6
    /// packet can be sent. Any other endpoint is returned as it is.
    package var unmapped: Endpoint {
        guard address.family == .v6, address.high == 0, address.low >> 32 == 0xffff else { return self }
        return Endpoint(address: IPAddress(v4: UInt32(truncatingIfNeeded: address.low)), port: port)
    }
}
