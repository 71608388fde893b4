internal import ByteText
internal import LinuxSystem
internal import WireGuardText

/// A configuration file as it stands on disk, line for line. It holds private keys, and is zeroed with them.
struct ConfigDocument: ~Copyable {
    let text: ByteBuffer
    let lines: [ConfigLine]

    /// More than any file of use has; whoever links a device that never ends gets an error instead of no answer.
    private static let mostBytes = 256 << 20

    /// NUL bytes are left out, as bash does, which has read these files ever since.
    init(text raw: consuming ByteBuffer) {
        text = Self.withoutNULs(raw)
        lines = Self.lines(of: text)
    }

    private static func lines(of text: borrowing ByteBuffer) -> [ConfigLine] {
        var lines: [ConfigLine] = []
        var reader = LineReader()
        var start = 0
        while start < text.count {
            let end = text.span.firstIndex(of: ASCII.newline, from: start) ?? text.count
            lines.append(reader.read(text.span, start..<end))
            start = end + 1
        }
        return lines
    }

    init(reading path: ByteString) throws(QuickFailure) {
        let text: ByteBuffer
        do throws(Errno) {
            text = try Self.read(path)
        } catch {
            throw QuickFailure("Unable to read \(path.quoted): \(error)")
        }
        if text.count > Self.mostBytes {
            throw QuickFailure("\(path.quoted) is larger than \(Self.mostBytes >> 20) MiB")
        }
        self.init(text: text)
    }

    private static func read(_ path: ByteString) throws(Errno) -> ByteBuffer {
        let file = try FileDescriptor.open(path)
        var text = ByteBuffer(capacity: (FileKind.size(ofFile: file.raw) ?? 0) + 4096)
        while text.count <= mostBytes {
            let before = text.count
            try file.read(into: &text)
            if text.count == before { break }
        }
        return text
    }

    private static func withoutNULs(_ text: consuming ByteBuffer) -> ByteBuffer {
        if Self.firstNUL(text) == nil { return text }
        var kept = ByteBuffer(capacity: text.count)
        let span = text.span
        for index in span.indices where span[index] != 0 { kept.append(span[index]) }
        return kept
    }

    private static func firstNUL(_ text: borrowing ByteBuffer) -> Int? { text.span.firstIndex(of: 0) }

    func bytes(_ range: Range<Int>) -> ByteString { ByteString(copying: text.span.extracting(range)) }
}
