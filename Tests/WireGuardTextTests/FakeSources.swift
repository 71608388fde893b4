import ByteText
import Synchronization
import WireGuardKeys
import WireGuardModel
import WireGuardText

/// A system of a few names, ports and files, which remembers what was asked of it.
final class FakeSources: FieldSources, Sendable {
    enum File {
        case key(SecretBytes)
        case empty
        case broken(FieldError)
    }

    private let hosts: [String: Endpoint]
    private let ports: [String: UInt16]
    private let files: [String: File]
    private let settingsError: FieldError?
    private let heard = Mutex((questions: [String](), warnings: [String]()))

    init(
        hosts: [String: Endpoint] = [:], ports: [String: UInt16] = [:], files: [String: File] = [:],
        settingsError: FieldError? = nil
    ) {
        (self.hosts, self.ports, self.files, self.settingsError) = (hosts, ports, files, settingsError)
    }

    /// Hosts, ports and files that were asked for, in order.
    var questions: [String] { heard.withLock { $0.questions } }

    var warnings: [String] { heard.withLock { $0.warnings } }

    func warn(_ message: String) { heard.withLock { $0.warnings.append(message) } }

    func checkSettings() throws(FieldError) { if let settingsError { throw settingsError } }

    func resolve(_ name: EndpointName) throws(FieldError) -> Endpoint {
        note("\(name.host) \(name.port)")
        guard let endpoint = hosts["\(name.host) \(name.port)"] else {
            throw .unresolvedEndpoint(name.text, reason: "Name or service not known")
        }
        return endpoint
    }

    func port(named text: ByteString) throws(FieldError) -> UInt16 {
        note("\(text)")
        guard let port = ports["\(text)"] else { throw .badPort(text, reason: "Servname not supported") }
        return port
    }

    func readKeyFile(_ path: ByteString) throws(FieldError) -> SecretBytes? {
        note("\(path)")
        switch files["\(path)"] {
        case .key(let secret): return secret
        case .empty: return nil
        case .broken(let error): throw error
        case nil: throw .keyFileUnreadable(path: path, reason: "No such file or directory")
        }
    }

    private func note(_ question: String) { heard.withLock { $0.questions.append(question) } }
}
