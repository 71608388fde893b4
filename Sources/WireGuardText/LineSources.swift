internal import ByteText
internal import WireGuardKeys
internal import WireGuardModel

/// The sources of one line of a configuration file: their warnings begin with the line number.
struct LineSources<Sources: FieldSources>: FieldSources {
    private let sources: Sources
    private let line: Int

    init(_ sources: Sources, line: Int) {
        self.sources = sources
        self.line = line
    }

    func checkSettings() throws(FieldError) { try sources.checkSettings() }

    func resolve(_ name: EndpointName) throws(FieldError) -> Endpoint { try sources.resolve(name) }

    func port(named text: ByteString) throws(FieldError) -> UInt16 { try sources.port(named: text) }

    func readKeyFile(_ path: ByteString) throws(FieldError) -> SecretBytes? { try sources.readKeyFile(path) }

    func warn(_ message: String) { sources.warn("\(line): \(message)") }
}
