package import ByteText
package import WireGuardKeys
package import WireGuardModel
package import WireGuardText

/// Answers that depend on the question only: no file is opened, nobody is asked for a name.
package final class FakeSources: FieldSources {
    package private(set) var warnings: [String] = []

    /// Interface indices from here on belong to no interface, so that they are written as numbers.
    private static let lowestScope: UInt32 = 1 << 20

    package init() {}

    package func warn(_ message: String) { warnings.append(message) }

    package func checkSettings() {}

    package func resolve(_ name: EndpointName) throws(FieldError) -> Endpoint {
        guard let endpoint = Self.find(host: name.host, port: name.port) else {
            throw .unresolvedEndpoint(name.text, reason: "Name or service not known")
        }
        return endpoint
    }

    package func port(named text: ByteString) throws(FieldError) -> UInt16 {
        guard text == "domain" else { throw .badPort(text, reason: "Servname not supported for ai_socktype") }
        return 53
    }

    /// A path that is a key leads to that key, unless it begins with a digit.
    package func readKeyFile(_ path: ByteString) throws(FieldError) -> SecretBytes? {
        if path == "/dev/null" { return nil }
        if path == "short" { throw .keyFileTooShort(path: path) }
        if path == "trailing" { throw .keyFileTrailingBytes(path: path) }
        guard let key = PrivateKey(base64: path.span), !ASCII.isDigit(path.bytes[0]) else {
            throw .keyFileUnreadable(path: path, reason: "No such file or directory")
        }
        return key.secret
    }

    /// Host names in small letters exist, and so do addresses with a scope.
    package static func find(host: ByteString, port: ByteString) -> Endpoint? {
        guard let port: UInt16 = port.span.decimal() else { return nil }
        let parts = host.bytes.split(separator: UInt8(ascii: "%"), omittingEmptySubsequences: false)
        if parts.count == 2 {
            guard let address = IPAddress(text: Array(parts[0]).span), address.family == .v6,
                let scope: UInt32 = Array(parts[1]).span.decimal(), scope >= lowestScope
            else { return nil }
            return Endpoint(address: address, port: port, scope: scope)
        }
        guard !host.isEmpty, host.bytes.allSatisfy({ 0x61...0x7a ~= $0 }) else { return nil }
        return Endpoint(address: IPAddress(v4: host.bytes.reduce(0x0a00_0000) { $0 ^ UInt32($1) }), port: port)
    }
}
