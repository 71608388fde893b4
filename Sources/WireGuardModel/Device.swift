package import WireGuardKeys

/// An interface as its backend reports it.
package struct Device: Sendable {
    package var name: InterfaceName
    package var privateKey: PrivateKey?
    package var publicKey: PublicKey?
    /// 0 when the interface has no socket yet.
    package var listenPort: UInt16 = 0
    /// Mark on outgoing encrypted packets; 0 for none.
    package var fwmark: UInt32 = 0
    package var peers: [Peer] = []

    package init(name: InterfaceName) { self.name = name }

    /// Room for this many peers is taken at once: it costs address space until it is used, while an array
    /// that grows holds its content twice at times.
    package static let roomForPeers = 1 << 15
}
