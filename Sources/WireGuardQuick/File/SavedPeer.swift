internal import ByteText
internal import WireGuardKeys
internal import WireGuardModel
internal import WireGuardText

extension SavedDocument {
    /// Brings a peer's sections to what the peer is now. Of several, the first takes all if there is anything to say.
    mutating func merge(_ peer: Peer, into sections: [ConfigSection], _ document: borrowing ConfigDocument) {
        let file = meaning.peers[peer.publicKey]
        if let file, file.isPlain, file.makes(peer), sections.count == 1 { return }
        let first = sections[0]
        let isAnew = sections.count > 1 || file == nil
        if isAnew { keepName(of: peer, from: sections, in: first, document) }
        for section in sections.dropFirst() { removeSection(section, document) }
        let known = file ?? FileMeaning.PeerMeaning()
        if isAnew || known.presharedKey != peer.presharedKey { setPresharedKey(of: peer, in: first, document) }
        if isAnew || !known.isPlain || Set(peer.allowedIPs.map(\.masked)) != known.allowedIPs {
            setAllowedIPs(of: peer, in: first, document, anew: isAnew)
        }
        if known.endpoint != .anywhere, isAnew || known.endpoint != peer.endpoint {
            set(.endpoint, in: [first], document, peer.endpoint != nil) { peer.endpoint?.append(to: &$0) }
        }
        if isAnew || known.persistentKeepalive != peer.persistentKeepalive {
            set(.persistentKeepalive, in: [first], document, peer.persistentKeepalive != 0) {
                $0.append(decimal: peer.persistentKeepalive)
            }
        }
    }

    /// A host name stays, also one of a section that goes.
    private mutating func keepName(
        of peer: Peer, from sections: [ConfigSection], in first: ConfigSection, _ document: borrowing ConfigDocument
    ) {
        guard meaning.peers[peer.publicKey]?.endpoint == .anywhere else { return }
        var last: Int?
        for section in sections { last = section.lines(of: .endpoint, in: document).last ?? last }
        guard let last else { return }
        let name = document.bytes(document.lines[last].value)
        set(.endpoint, in: [first], document, true) { $0.append(name.span) }
    }

    private mutating func setPresharedKey(
        of peer: Peer, in section: ConfigSection, _ document: borrowing ConfigDocument
    ) {
        for line in section.keyFileLines(in: document) { edit.remove(line) }
        set(.presharedKey, in: [section], document, peer.presharedKey != nil) {
            peer.presharedKey?.appendBase64(to: &$0)
        }
    }

    /// Takes out of the lists what is gone, and adds what is new to the last of them. A list with signs, whose
    /// entries mean something only one after the other, is written anew.
    private mutating func setAllowedIPs(
        of peer: Peer, in section: ConfigSection, _ document: borrowing ConfigDocument, anew: Bool
    ) {
        let lines = section.lines(of: .allowedIPs, in: document)
        let lists = lines.map { document.allowedIPs(of: $0) }
        var missing = Array(peer.allowedIPs)
        guard let last = lines.last, !anew, !lists.contains(where: { $0.contains { $0.allowedIP == nil } }) else {
            for line in lines.dropLast() { edit.remove(line) }
            return set(.allowedIPs, in: [section], document, !missing.isEmpty) {
                $0.append(list: missing.map(\.written))
            }
        }
        let wanted = Set(missing.map(\.masked))
        var known: Set<AllowedIP> = []
        for entry in lists.joined() { known.insert(entry.allowedIP!) }
        missing.removeAll { known.contains($0.masked) }
        for (line, list) in zip(lines, lists) {
            var kept = list.filter { wanted.contains($0.allowedIP!) }.map(\.text)
            if line == last { kept += missing.map(\.written) }
            if kept.isEmpty {
                edit.remove(line)
            } else if kept != list.map(\.text) {
                edit.setValue(of: line) { $0.append(list: kept) }
            }
        }
    }
}

/// An entry of a file's list.
private struct AllowedIPEntry {
    let text: ByteString
    /// Without bits behind its prefix; nil for an entry with a sign.
    let allowedIP: AllowedIP?
}

extension ConfigDocument {
    fileprivate func allowedIPs(of line: Int) -> [AllowedIPEntry] {
        let list = packedValue(of: line).bytes.split(separator: ASCII.comma)
        return list.map { entry in
            let text = ByteString(Array(entry))
            return AllowedIPEntry(text: text, allowedIP: (try? AllowedIPList.parse(prefix: text.span))?.masked)
        }
    }
}

extension AllowedIP {
    fileprivate var written: ByteString {
        var text = ByteBuffer()
        append(to: &text)
        return ByteString(copying: text.span)
    }
}
