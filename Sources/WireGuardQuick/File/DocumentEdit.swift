internal import ByteText

/// Changes of a document's lines, collected and then carried out at once. What is not changed stays to the byte.
struct DocumentEdit: ~Copyable {
    /// All new text, where it is zeroed in the end: keys are in it.
    private var written = ByteBuffer()
    private var values: [Int: Range<Int>] = [:]
    private var removed: Set<Int> = []
    /// New lines by the one that they stand behind; -1 for those in front of all.
    private var inserted: [Int: [Range<Int>]] = [:]

    init() {}

    var isEmpty: Bool { values.isEmpty && removed.isEmpty && inserted.isEmpty }

    func isRemoved(_ line: Int) -> Bool { removed.contains(line) }

    mutating func remove(_ line: Int) { removed.insert(line) }

    /// Another value for a line's key; its spaces and comment stay.
    mutating func setValue(of line: Int, _ write: (inout ByteBuffer) -> Void) { values[line] = taking(write) }

    mutating func insert(_ key: StaticString, behind line: Int, _ write: (inout ByteBuffer) -> Void) {
        insert(behind: line) { text in
            text.append(key)
            text.append(" = ")
            write(&text)
        }
    }

    /// A whole line, behind those that were inserted there before.
    mutating func insert(behind line: Int, _ write: (inout ByteBuffer) -> Void) {
        inserted[line, default: []].append(taking(write))
    }

    private mutating func taking(_ write: (inout ByteBuffer) -> Void) -> Range<Int> {
        let start = written.count
        write(&written)
        return start..<written.count
    }

    /// The changed document.
    func append(_ document: borrowing ConfigDocument, to output: inout ByteBuffer) {
        appendInsertions(behind: -1, document, to: &output)
        for (index, line) in document.lines.enumerated() {
            if !removed.contains(index) {
                output.endLine(as: document)
                let text = document.text.span
                if let value = values[index] {
                    output.append(text.extracting(line.range.lowerBound..<line.value.lowerBound))
                    output.append(written.span.extracting(value))
                    output.append(text.extracting(line.value.upperBound..<line.range.upperBound))
                } else {
                    output.append(text.extracting(line.range))
                }
                if line.range.upperBound < text.count { output.append(ASCII.newline) }
            }
            appendInsertions(behind: index, document, to: &output)
        }
    }

    private func appendInsertions(
        behind line: Int, _ document: borrowing ConfigDocument, to output: inout ByteBuffer
    ) {
        for text in inserted[line] ?? [] {
            output.endLine(as: document)
            output.append(written.span.extracting(text))
            output.append(document.lineEnding)
        }
    }
}

extension ConfigDocument {
    /// What ends new lines: the same as the first one.
    var lineEnding: StaticString {
        guard let first = lines.first, !first.range.isEmpty else { return "\n" }
        return text.span[first.range.upperBound - 1] == UInt8(ascii: "\r") ? "\r\n" : "\n"
    }
}

extension ByteBuffer {
    /// Ends a last line that has no newline of its own.
    mutating func endLine(as document: borrowing ConfigDocument) {
        if !isEmpty, span[count - 1] != ASCII.newline { append(document.lineEnding) }
    }
}
