internal import ByteText
internal import WireGuardKeys
internal import WireGuardModel
internal import WireGuardText

/// A peer whose endpoint the file gives by a name.
struct NamedEndpoint {
    let peer: PublicKey
    let name: EndpointName
    /// Where it stands in the file, for messages.
    let place: String
}

extension QuickFile {
    /// Endpoints that a resolver must be asked for, in the file's order; of a peer that has several, the last.
    func namedEndpoints() -> [NamedEndpoint] {
        var endpoints: [PublicKey: Int] = [:]
        for section in document.sections {
            guard case .peer(let key) = section.kind, let line = section.lines(of: .endpoint, in: document).last
            else { continue }
            endpoints[key] = line
        }
        return endpoints.sorted { $0.value < $1.value }.compactMap { key, line in
            let text = document.packedValue(of: line)
            guard Endpoint(numeric: text.span) == nil, let name = try? EndpointName(text) else { return nil }
            return NamedEndpoint(peer: key, name: name, place: "\(self.name.path.excerpt):\(line + 1)")
        }
    }
}
