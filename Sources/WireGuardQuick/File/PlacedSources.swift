internal import ByteText
internal import WireGuardKeys
internal import WireGuardModel
internal import WireGuardText

/// Sources whose warnings name the file. Warnings of `ConfigParser` already begin with the line.
struct PlacedSources<Sources: FieldSources>: FieldSources {
    private let sources: Sources
    private let path: ByteString

    init(_ sources: Sources, path: ByteString) { (self.sources, self.path) = (sources, path) }

    func checkSettings() throws(FieldError) { try sources.checkSettings() }

    func resolve(_ name: EndpointName) throws(FieldError) -> Endpoint { try sources.resolve(name) }

    func port(named text: ByteString) throws(FieldError) -> UInt16 { try sources.port(named: text) }

    func readKeyFile(_ path: ByteString) throws(FieldError) -> SecretBytes? { try sources.readKeyFile(path) }

    func warn(_ message: String) { sources.warn("\(path.excerpt):\(message)") }
}

/// Other sources, but every host name is as good as the next, nobody is asked, and nobody is warned: `update` will.
struct UnresolvedSources<Sources: FieldSources>: FieldSources {
    private let sources: Sources

    init(_ sources: Sources) { self.sources = sources }

    func checkSettings() throws(FieldError) { try sources.checkSettings() }

    func resolve(_ name: EndpointName) throws(FieldError) -> Endpoint { .anywhere }

    func port(named text: ByteString) throws(FieldError) -> UInt16 { try sources.port(named: text) }

    func readKeyFile(_ path: ByteString) throws(FieldError) -> SecretBytes? { try sources.readKeyFile(path) }

    func warn(_ message: String) {}
}

extension Endpoint {
    /// Stands for a name that was not looked up.
    static let anywhere = Endpoint(address: IPAddress(v4: 0), port: 0)
}
