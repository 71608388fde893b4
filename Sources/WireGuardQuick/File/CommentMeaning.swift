internal import ByteText

/// The meaning of a comment line for the peers around it.
///
/// Installers mark the peers that they add, and delete by these marks: the lines from an opening mark to its closing
/// one, or to the end of the file if that is missing.
enum CommentMeaning: Equatable {
    /// Text for people.
    case plain
    /// `# BEGIN_PEER NAME` (Nyr, hwdsl2), `### begin NAME ###` (PiVPN).
    case opening(name: ByteString)
    /// `# END_PEER NAME`, `### end NAME ###`.
    case closing(name: ByteString)
    /// `### Client NAME` (angristan): opens a peer without a closing mark.
    case label
    /// A section header that was commented out: `#[Peer]`, or PiVPN's `#[disabled] [Peer]`.
    case disabledHeader
    /// A field that was commented out.
    case disabledField

    /// `line` is the whole line, from its first `#` on or with leading white space.
    init(_ line: Span<UInt8>) {
        var text = Array(copying: line.extracting(line.trimming(0..<line.count)))[...]
        var signs = text.dropSigns()
        if text.starts(with: "[disabled]".utf8) {
            text = text.dropFirst("[disabled]".utf8.count)
            text.dropSpaces()
            signs = max(text.dropSigns(), 1)
        }
        self = Self.disabledLine(Array(text).span) ?? Self.mark(text, signs: signs)
    }

    private static func disabledLine(_ text: Span<UInt8>) -> CommentMeaning? {
        if text.equalsIgnoringCase("[peer]") || text.equalsIgnoringCase("[interface]") { return .disabledHeader }
        guard let equals = text.firstIndex(of: ASCII.equals) else { return nil }
        let key = text.extracting(text.trimming(0..<equals))
        let isFile = key.equalsIgnoringCase("privatekeyfile") || key.equalsIgnoringCase("presharedkeyfile")
        return isFile || WGKey(key) != nil || QuickKey(key) != nil ? .disabledField : nil
    }

    /// One or two signs begin ordinary comments, such as `# end of guests`.
    private static func mark(_ text: ArraySlice<UInt8>, signs: Int) -> CommentMeaning {
        var words = text.split(whereSeparator: ASCII.isSpace)
        if let last = words.last, last.allSatisfy({ $0 == UInt8(ascii: "#") }) { words.removeLast() }
        guard let first = words.first, words.count > 1 else { return .plain }
        let name = ByteString(Array(words.dropFirst().joined(separator: [ASCII.space])))
        switch String(decoding: first, as: UTF8.self).lowercased() {
        case "begin_peer": return .opening(name: name)
        case "end_peer": return .closing(name: name)
        case "begin" where signs > 2: return .opening(name: name)
        case "end" where signs > 2: return .closing(name: name)
        case "client" where signs > 2: return .label
        default: return .plain
        }
    }
}

extension ArraySlice<UInt8> {
    /// Drops `#` signs and the white space behind them; returns how many signs there were.
    fileprivate mutating func dropSigns() -> Int {
        let signs = prefix { $0 == UInt8(ascii: "#") }.count
        self = dropFirst(signs)
        dropSpaces()
        return signs
    }

    fileprivate mutating func dropSpaces() { self = drop(while: ASCII.isSpace) }
}
