package import ByteText
package import WireGuardKeys
package import WireGuardModel

/// What the parsers have to ask the system for: files, names, and somebody to warn.
package protocol FieldSources {
    /// Throws where the settings for resolving are wrong, which counts even if there is nothing to resolve.
    func checkSettings() throws(FieldError)

    /// Waits and tries again as `WG_ENDPOINT_RESOLUTION_RETRIES` says.
    func resolve(_ name: EndpointName) throws(FieldError) -> Endpoint

    /// The port that a service name, or anything else that is no plain number, stands for.
    func port(named text: ByteString) throws(FieldError) -> UInt16

    /// What a key file holds; nil where it is empty.
    func readKeyFile(_ path: ByteString) throws(FieldError) -> SecretBytes?

    /// Reports something odd that is not an error. The message comes without the word "Warning".
    func warn(_ message: String)
}

extension FieldSources {
    /// Nearly every listen-port is a plain number and need not go through the resolver.
    package func listenPort(_ text: Span<UInt8>) throws(FieldError) -> UInt16 {
        if let port: UInt16 = text.decimal() { return port }
        guard !text.isEmpty else { throw .emptyPort }
        return try port(named: ByteString(copying: text))
    }

    /// A plain address and number need no resolver either: 200,000 peers would wait for it.
    package func endpoint(_ text: Span<UInt8>) throws(FieldError) -> Endpoint {
        try checkSettings()
        if let endpoint = Endpoint(numeric: text) { return endpoint }
        return try resolve(EndpointName(ByteString(copying: text)))
    }
}

extension KeyChange {
    /// An empty key file clears the key.
    init(fromFile path: ByteString, _ sources: some FieldSources) throws(FieldError) {
        self = try sources.readKeyFile(path).map { .set(Key(secret: $0)) } ?? .clear
    }
}
