package import LinuxNetlink
package import WireGuardModel

/// What an interface is now, as far as a file can say it.
package struct InterfaceState: Sendable {
    package var device: Device
    package var addresses: [InterfaceAddress]
    /// Bytes.
    package var mtu: UInt32

    package init(device: Device, addresses: [InterfaceAddress], mtu: UInt32) {
        (self.device, self.addresses, self.mtu) = (device, addresses, mtu)
    }
}

extension ConfiguredAddress {
    /// As the interface has it. Two of a file are the same if these are, whatever their words.
    package var onLink: InterfaceAddress { InterfaceAddress(address, prefixLength: prefixLength)! }
}
