package import WireGuardModel

/// What an interface is now, as far as a file can say it.
package struct InterfaceState: Sendable {
    package var device: Device
    /// Those that somebody gave it: not the link-local one that the kernel makes.
    package var addresses: [LinkAddress]
    /// Bytes.
    package var mtu: UInt32

    package init(device: Device, addresses: [LinkAddress], mtu: UInt32) {
        (self.device, self.addresses, self.mtu) = (device, addresses, mtu)
    }
}

/// An address and the length of its network's prefix. Two of a file are the same if these are, whatever their words.
package struct LinkAddress: Hashable, Sendable {
    package let address: IPAddress
    package let prefixLength: UInt8

    package init(_ address: IPAddress, prefixLength: UInt8) {
        (self.address, self.prefixLength) = (address, prefixLength)
    }
}

extension ConfiguredAddress {
    package var linkAddress: LinkAddress { LinkAddress(address, prefixLength: prefixLength) }
}
