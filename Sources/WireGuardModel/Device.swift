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
}
