/// Where a peer is reached: an outer address and UDP port.
package struct Endpoint: Hashable, Sendable, BitwiseCopyable {
    package let address: IPAddress
    package let port: UInt16
    /// Interface index of a link-local IPv6 address; 0 for none.
    package let scope: UInt32

    package init(address: IPAddress, port: UInt16, scope: UInt32 = 0) {
        (self.address, self.port, self.scope) = (address, port, scope)
    }
}
