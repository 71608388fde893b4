internal import ByteText

extension ConfigSection {
    /// The lines to remove with the section: its marks if both are there, else the comment directly above its header;
    /// its fields; comments directly below them; and blank lines.
    ///
    /// Lines of other peers stay: their marks and labels, the comment directly above the next header, and peers that
    /// were commented out, with the comment above them.
    func linesWithComment(in document: borrowing ConfigDocument) -> Range<Int> {
        if let marked = linesBetweenMarks(in: document) {
            return document.withBlanks(marked, upTo: body.upperBound)
        }
        var start = document.commentStart(above: header)
        // A mark whose counterpart stays must stay too: otherwise the installer would delete up to the end of the file.
        if start < header, case .opening = document.comment(start) { start += 1 }
        var end = lastField(in: document) + 1
        let limit = firstForeignLine(in: document)
        while end < limit, document.comment(end) != nil { end += 1 }
        return document.withBlanks(start..<end, upTo: body.upperBound)
    }

    /// The lines from the mark above the header to the one of the same name below the fields; nil without such a pair,
    /// or if it encloses further sections.
    private func linesBetweenMarks(in document: borrowing ConfigDocument) -> Range<Int>? {
        guard let opening = document.openingMark(above: header), case .opening(let name) = document.comment(opening)
        else { return nil }
        for line in (lastField(in: document) + 1)..<body.upperBound {
            switch document.comment(line) {
            case .closing(name): return opening..<(line + 1)
            case .opening, .closing, .label: return nil
            default: continue
            }
        }
        return nil
    }

    /// The first line below the fields that belongs to another peer.
    private func firstForeignLine(in document: borrowing ConfigDocument) -> Int {
        let next = body.upperBound
        let end = next < document.lines.count ? document.commentStart(above: next) : next
        for line in (lastField(in: document) + 1)..<max(end, lastField(in: document) + 1) {
            switch document.comment(line) {
            case .opening, .closing, .label: return line
            case .disabledHeader: return document.plainCommentStart(above: line)
            default: continue
            }
        }
        return end
    }
}

extension ConfigDocument {
    /// The first line of the comment directly above a header, or the header itself if it has none. A mark or label may
    /// be its first line; closing marks and commented-out lines are not part of it.
    fileprivate func commentStart(above header: Int) -> Int {
        let start = plainCommentStart(above: header)
        guard start > 0 else { return start }
        switch comment(start - 1) {
        case .opening, .label: return start - 1
        default: return start
        }
    }

    fileprivate func plainCommentStart(above line: Int) -> Int {
        var start = line
        while start > 0, comment(start - 1) == .plain { start -= 1 }
        return start
    }

    /// The peer's opening mark, with only blank lines and comments between it and the header.
    fileprivate func openingMark(above header: Int) -> Int? {
        var line = header - 1
        while line >= 0, isBlank(line) || comment(line) == .plain { line -= 1 }
        guard line >= 0, case .opening = comment(line) else { return nil }
        return line
    }

    /// Adds the blank lines below, up to the next section; at the end of the file, those above.
    fileprivate func withBlanks(_ range: Range<Int>, upTo next: Int) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while end < next, isBlank(end) { end += 1 }
        if end == lines.count {
            while start > 0, isBlank(start - 1) { start -= 1 }
        }
        return start..<end
    }
}
