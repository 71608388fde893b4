internal import ByteText

/// Tells what the lines of a file are, one after the other.
///
/// Two programs read these files, each in its own way: wg-quick takes a section's header and a key as a word with
/// white space around, and wg(8), which gets what wg-quick leaves, knows no white space at all. So `[ Interface ]` is
/// wg's section, yet a wg-quick key in it is not wg-quick's.
struct LineReader: ~Copyable {
    private enum Section { case none, interface, peer }

    private var isQuickSection = false
    private var section = Section.none
    /// A line as wg(8) sees it; kept for its memory.
    private var packed = ByteBuffer()

    init() {}

    /// What the next line, at `range` of `text`, is.
    mutating func read(_ text: Span<UInt8>, _ range: Range<Int>) -> ConfigLine {
        let comment = text.firstIndex(of: UInt8(ascii: "#"), in: range) ?? range.upperBound
        let significant = text.trimming(range.lowerBound..<comment)
        let equals = text.firstIndex(of: ASCII.equals, in: significant)
        let key = text.trimming(significant.lowerBound..<(equals ?? significant.upperBound))
        let value = text.trimming((equals.map { $0 + 1 } ?? significant.lowerBound)..<significant.upperBound)
        let meaning = meaning(text, range, significant, key: key)
        // A hook may have a `#` of its own, and what is one in bash only bash knows.
        guard case .quick(let quick) = meaning, quick.isHook else {
            return ConfigLine(range: range, meaning: meaning, value: value)
        }
        let start = text.firstIndex(of: ASCII.equals, in: range).map { $0 + 1 } ?? range.lowerBound
        return ConfigLine(range: range, meaning: meaning, value: text.trimming(start..<range.upperBound))
    }

    private mutating func meaning(
        _ text: Span<UInt8>, _ line: Range<Int>, _ significant: Range<Int>, key: Range<Int>
    ) -> ConfigLine.Meaning {
        if significant.isEmpty { return text.trimming(line).isEmpty ? .blank : .comment }
        let key = text.extracting(key)
        if !key.isEmpty, key[0] == UInt8(ascii: "[") { isQuickSection = key.equalsIgnoringCase("[interface]") }
        if isQuickSection, let quick = QuickKey(key) { return .quick(quick) }
        pack(text.extracting(significant))
        return meaningOfPacked()
    }

    private mutating func pack(_ line: Span<UInt8>) {
        packed.removeAll()
        for index in line.indices where !ASCII.isSpace(line[index]) { packed.append(line[index]) }
    }

    private mutating func meaningOfPacked() -> ConfigLine.Meaning {
        if packed.span.equalsIgnoringCase("[interface]") {
            section = .interface
            return .interfaceSection(isQuick: isQuickSection)
        }
        if packed.span.equalsIgnoringCase("[peer]") {
            section = .peer
            return .peerSection
        }
        guard let equals = packed.span.firstIndex(of: ASCII.equals) else { return .unknown }
        let key = packed.span.extracting(..<equals)
        if section == .interface, key.equalsIgnoringCase("privatekeyfile") { return .keyFile(.privateKey) }
        if section == .peer, key.equalsIgnoringCase("presharedkeyfile") { return .keyFile(.presharedKey) }
        guard let known = WGKey(key), section == (known.isOfPeer ? .peer : .interface) else { return .unknown }
        return .wg(known)
    }
}

extension QuickKey {
    var isHook: Bool {
        switch self {
        case .preUp, .postUp, .preDown, .postDown: true
        default: false
        }
    }
}

extension Span<UInt8> {
    func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
        extracting(range).firstIndex(of: byte).map { $0 + range.lowerBound }
    }

    /// The part of `range` without white space at its ends.
    func trimming(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, ASCII.isSpace(self[start]) { start += 1 }
        while start < end, ASCII.isSpace(self[end - 1]) { end -= 1 }
        return start..<end
    }
}
