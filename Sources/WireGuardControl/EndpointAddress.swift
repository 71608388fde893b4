internal import ByteText
package import LinuxSystem
package import WireGuardModel

extension Endpoint {
    package init(_ address: SocketAddress) {
        self.init(address: IPAddress(bytes: address.address.span)!, port: address.port, scope: address.scope)
    }

    var socketAddress: SocketAddress {
        var raw = ByteBuffer(capacity: 16)
        address.appendRaw(to: &raw)
        return SocketAddress(address: ByteString(copying: raw.span), port: port, scope: scope)
    }
}
