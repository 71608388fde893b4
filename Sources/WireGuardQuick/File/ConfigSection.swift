internal import ByteText
internal import WireGuardKeys

/// A section of a document, by the numbers of its lines.
struct ConfigSection {
    enum Kind: Equatable {
        case interface(isQuick: Bool)
        case peer(PublicKey)
    }

    let kind: Kind
    let header: Int
    /// Behind the header, up to the next one.
    let body: Range<Int>

    /// Where a new line is put: behind the last that says something.
    func lastField(in document: borrowing ConfigDocument) -> Int {
        body.last { !document.lines[$0].meaning.saysNothing } ?? header
    }

    func lines(of key: WGKey, in document: borrowing ConfigDocument) -> [Int] {
        body.filter { document.lines[$0].meaning == .wg(key) }
    }

    func keyFileLines(in document: borrowing ConfigDocument) -> [Int] {
        body.filter { if case .keyFile = document.lines[$0].meaning { true } else { false } }
    }
}

extension ConfigDocument {
    /// Sections in order. Peers that have no public key are left out: a file with such is refused before.
    var sections: [ConfigSection] {
        let headers = lines.indices.filter { lines[$0].meaning.isHeader }
        var sections: [ConfigSection] = []
        for (place, header) in headers.enumerated() {
            let end = place + 1 < headers.count ? headers[place + 1] : lines.count
            guard let kind = kind(ofHeader: header, body: (header + 1)..<end) else { continue }
            sections.append(ConfigSection(kind: kind, header: header, body: (header + 1)..<end))
        }
        return sections
    }

    private func kind(ofHeader header: Int, body: Range<Int>) -> ConfigSection.Kind? {
        if case .interfaceSection(let isQuick) = lines[header].meaning { return .interface(isQuick: isQuick) }
        guard let line = body.last(where: { lines[$0].meaning == .wg(.publicKey) }) else { return nil }
        return PublicKey(base64: packedValue(of: line).span).map { .peer($0) }
    }

    /// As wg(8) sees it: without white space.
    func packedValue(of line: Int) -> ByteString {
        ByteString(bytes(lines[line].value).bytes.filter { !ASCII.isSpace($0) })
    }

    func isBlank(_ line: Int) -> Bool { lines[line].meaning == .blank }

    /// Nil for a line that is not a comment.
    func comment(_ line: Int) -> CommentMeaning? {
        lines[line].meaning == .comment ? CommentMeaning(text.span.extracting(lines[line].range)) : nil
    }
}

extension ConfigLine.Meaning {
    fileprivate var isHeader: Bool {
        switch self {
        case .interfaceSection, .peerSection: true
        default: false
        }
    }

    fileprivate var saysNothing: Bool { self == .blank || self == .comment }
}
