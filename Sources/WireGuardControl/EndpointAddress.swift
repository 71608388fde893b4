internal import ByteText
package import LinuxSystem
package import WireGuardModel

extension Endpoint {
    package init(_ address: SocketAddress) {
        self.init(address: IPAddress(bytes: address.address.span)!, port: address.port, scope: address.scope)
    }

    var socketAddress: SocketAddress {
        let raw = address.networkBytes
        let bytes = raw.span.extracting(..<address.family.byteCount)
        return SocketAddress(address: ByteString(copying: bytes), port: port, scope: scope)
    }
}
