internal import ByteText
internal import LinuxNetlink
internal import WireGuardKeys
internal import WireGuardModel
internal import WireGuardText

/// A file that is brought to what its interface is now: only lines that say something else are changed.
///
/// Host names stay whatever they stand for today; hooks, DNS, tables and comments are the file's own matter; and the
/// file of a key stays named as long as the key in it is the interface's.
struct SavedDocument: ~Copyable {
    let state: InterfaceState
    let meaning: FileMeaning
    let sections: [ConfigSection]
    var edit = DocumentEdit()
    private(set) var newPeers: [Peer] = []
    private var hasNewHeader = false

    /// `update` is what the file says, with `Endpoint.anywhere` for names.
    init(_ file: borrowing QuickFile, saying update: DeviceUpdate, for state: InterfaceState) {
        self.state = state
        meaning = FileMeaning(of: update)
        sections = file.document.sections
        mergeAddresses(file)
        mergeMTU(file)
        mergeInterface(file)
        // A peer of the interface's own key is none until that key changes.
        if !isSameKey || !meaning.makes(state.device.peers) { mergePeers(file.document) }
        // Sets new lines in front of everything apart from it.
        if hasNewHeader, !file.document.lines.isEmpty { edit.insert(behind: -1) { _ in } }
    }

    /// Whether the file says what the interface is already.
    var isUnchanged: Bool { edit.isEmpty && newPeers.isEmpty }

    func append(_ document: borrowing ConfigDocument, to output: inout ByteBuffer) {
        edit.append(document, to: &output)
        for peer in newPeers { append(peer, document, to: &output) }
    }

    private func append(_ peer: Peer, _ document: borrowing ConfigDocument, to output: inout ByteBuffer) {
        output.endLine(as: document)
        if !output.endsInBlankLine { output.append(document.lineEnding) }
        var section = ByteBuffer()
        ConfigFormat().append(peer, of: state.device, to: &section)
        output.append(lines: section.span, ending: document.lineEnding)
    }
}

// MARK: The interface

extension SavedDocument {
    private mutating func mergeAddresses(_ file: borrowing QuickFile) {
        let wanted = Set(state.addresses)
        let lines = file.document.lines.indices.filter { file.document.lines[$0].meaning == .quick(.address) }
        for line in lines { keepAddresses(of: line, in: file.document, among: wanted) }
        let known = Set(file.settings.addresses.map(\.onLink))
        // The kernel will make its own again.
        let new = state.addresses.filter { !known.contains($0) && !$0.isAutomatic }
        if new.isEmpty { return }
        let place = lines.last ?? plainHeader()
        for address in new { edit.insert("Address", behind: place) { $0.append(address) } }
    }

    private mutating func keepAddresses(
        of line: Int, in document: borrowing ConfigDocument, among wanted: Set<InterfaceAddress>
    ) {
        let words = document.text.span.extracting(document.lines[line].value).words
        let kept = words.filter { word in
            guard let address = try? ConfiguredAddress(word) else { return true }
            return wanted.contains(address.onLink)
        }
        if kept.count == words.count { return }
        if kept.isEmpty { return edit.remove(line) }
        edit.setValue(of: line) { $0.append(list: kept) }
    }

    private mutating func mergeMTU(_ file: borrowing QuickFile) {
        guard let mtu = file.settings.mtu, mtu != state.mtu else { return }
        let line = file.document.lines.lastIndex { $0.meaning == .quick(.mtu) }!
        let current = state.mtu
        edit.setValue(of: line) { $0.append(decimal: current) }
    }

    private mutating func mergeInterface(_ file: borrowing QuickFile) {
        let device = state.device
        let sections = interfaceSections
        if meaning.listenPort != device.listenPort {
            set(.listenPort, in: sections, file.document, device.listenPort != 0) {
                $0.append(decimal: device.listenPort)
            }
        }
        if meaning.fwmark != device.fwmark, !isMarkOfDefaultRoute(file.settings) {
            set(.fwmark, in: sections, file.document, device.fwmark != 0) { $0.append(mark: device.fwmark) }
        }
        if !isSameKey {
            for section in sections { for line in section.keyFileLines(in: file.document) { edit.remove(line) } }
            set(.privateKey, in: sections, file.document, device.privateKey != nil) {
                device.privateKey?.appendBase64(to: &$0)
            }
        }
    }

    private var isSameKey: Bool { meaning.privateKey == state.device.privateKey?.clamped }

    /// Whether the mark is one that wg-quick chose for the table of a default route, as it will again.
    private func isMarkOfDefaultRoute(_ settings: QuickSettings) -> Bool {
        meaning.fwmark == 0 && settings.table == .auto && state.device.fwmark >= DefaultRoutes.firstTable
            && state.device.peers.contains { $0.allowedIPs.contains { $0.prefixLength == 0 } }
    }

    private var interfaceSections: [ConfigSection] {
        sections.filter { if case .interface = $0.kind { true } else { false } }
    }

    /// A header below which wg-quick's own keys may stand.
    private mutating func plainHeader() -> Int {
        sections.first { $0.kind == .interface(isQuick: true) }?.header ?? newHeader()
    }

    private mutating func newHeader() -> Int {
        if !hasNewHeader { edit.insert(behind: -1) { $0.append("[Interface]") } }
        hasNewHeader = true
        return -1
    }
}

// MARK: Keys of wg(8)

extension SavedDocument {
    /// Gives the key in these sections a value, in the last line that has it or in a new one; or takes it away.
    mutating func set(
        _ key: WGKey, in sections: [ConfigSection], _ document: borrowing ConfigDocument, _ isThere: Bool,
        _ write: (inout ByteBuffer) -> Void
    ) {
        var lines: [Int] = []
        for section in sections { lines += section.lines(of: key, in: document) }
        if !isThere {
            for line in lines { edit.remove(line) }
        } else if let last = lines.last {
            edit.setValue(of: last, write)
        } else {
            edit.insert(key.name, behind: sections.first?.lastField(in: document) ?? newHeader(), write)
        }
    }
}

// MARK: Peers

extension SavedDocument {
    private mutating func mergePeers(_ document: borrowing ConfigDocument) {
        var places: [PublicKey: [ConfigSection]] = [:]
        for section in sections {
            if case .peer(let key) = section.kind { places[key, default: []].append(section) }
        }
        for peer in state.device.peers {
            guard let sections = places.removeValue(forKey: peer.publicKey) else {
                newPeers.append(peer)
                continue
            }
            merge(peer, into: sections, document)
        }
        let own = state.device.privateKey?.publicKey
        for (key, sections) in places where key != own {
            for section in sections { removeSection(section, document) }
        }
    }

    mutating func removeSection(_ section: ConfigSection, _ document: borrowing ConfigDocument) {
        for line in section.linesWithComment(in: document) { edit.remove(line) }
    }
}

extension ByteBuffer {
    mutating func append(_ address: InterfaceAddress) {
        address.address.append(to: &self)
        append(ASCII.slash)
        append(decimal: address.prefixLength)
    }

    mutating func append(list words: [ByteString]) {
        for (place, word) in words.enumerated() {
            if place > 0 { append(", ") }
            append(word.span)
        }
    }

    /// As wg(8) writes it.
    fileprivate mutating func append(mark: UInt32) {
        append("0x")
        append(hexadecimal: mark)
    }

    fileprivate mutating func append(lines: Span<UInt8>, ending: StaticString) {
        for index in lines.indices {
            if lines[index] == ASCII.newline { append(ending) } else { append(lines[index]) }
        }
    }

    /// Also for nothing at all.
    fileprivate var endsInBlankLine: Bool {
        var end = count
        if end == 0 { return true }
        end -= 1
        if end > 0, span[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return end == 0 || span[end - 1] == ASCII.newline
    }
}
