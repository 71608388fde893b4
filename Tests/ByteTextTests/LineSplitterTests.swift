import ByteText
import TestSupport
import Testing

@Suite("LineSplitter")
struct LineSplitterTests {
    private struct Failure: Error {}

    @Test("cuts as an array's split, however the text arrives")
    func cutsAnyPieces() {
        var random = SeededRandom(9)
        for _ in Rounds.usual(400) {
            let newline = 1 + random.below(8)
            let text = random.bytes(random.below(5) * random.below(60)).map { $0 % 16 < newline ? 10 : $0 }
            var pieces = Pieces(of: text) { 1 + random.below(20) }
            #expect(pieces.lines() == expectedLines(of: text), "\(text)")
        }
    }

    @Test(
        "has a line for each newline, and one for what is behind the last",
        arguments: [
            ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("\n\na", ["", "", "a"]),
            ("a\r\nb\0c\n", ["a\r", "b\0c"]),
        ])
    func cuts(_ text: String, _ lines: [String]) {
        for size in [1, 2, 100] {
            var pieces = Pieces(of: text.bytes) { size }
            #expect(pieces.lines().map(\.text) == lines)
        }
    }

    @Test("cuts lines of many megabytes")
    func cutsLongLines() {
        let long = [UInt8](repeating: 0x61, count: 10_000_000)
        var pieces = Pieces(of: long + [10] + long) { 60_000 }
        #expect(pieces.lines() == [long, long])
    }

    @Test("asks for no more once it is told to stop")
    func stops() {
        let text = "1\n2\n3\n4".bytes
        for (stop, size, arrived) in [(1, 1, 2), (2, 1, 4), (2, 3, 6), (3, 100, 7), (4, 1, 7)] {
            var pieces = Pieces(of: text) { size }
            let lines = pieces.lines(upTo: stop)
            #expect(lines.map(\.text) == ["1", "2", "3", "4"].prefix(stop).map { $0 })
            #expect(text.count - pieces.rest.count == arrived)
        }
    }

    @Test("goes on where it was stopped")
    func resumes() {
        for size in [1, 3, 100] {
            var pieces = Pieces(of: "1\n\n3\n4\n5".bytes) { size }
            var lines = pieces.lines(upTo: 1)
            lines += pieces.lines(upTo: 2)
            lines += pieces.lines()
            #expect(lines.map(\.text) == ["1", "", "3", "4", "5"])
        }
    }

    @Test("passes errors on, from either side")
    func passesErrorsOn() {
        #expect(throws: Failure.self) {
            var lines = LineSplitter()
            try lines.forEachLine { _ throws(Failure) in
                throw Failure()
            } _: { _ throws(Failure) in
                true
            }
        }
        #expect(throws: Failure.self) {
            var lines = LineSplitter()
            try lines.forEachLine { buffer throws(Failure) in
                buffer.append("a\n")
            } _: { _ throws(Failure) in
                throw Failure()
            }
        }
    }

    private func expectedLines(of text: [UInt8]) -> [[UInt8]] {
        var lines = text.split(separator: 10, omittingEmptySubsequences: false).map { Array($0) }
        if lines.last == [] { lines.removeLast() }
        return lines
    }
}

/// A text that arrives in pieces of the sizes that `nextSize` says.
private struct Pieces: ~Copyable {
    private(set) var rest: ArraySlice<UInt8>
    private let nextSize: () -> Int
    private var splitter = LineSplitter()

    init(of text: [UInt8], _ nextSize: @escaping () -> Int) { (rest, self.nextSize) = (text[...], nextSize) }

    /// The next lines, until there are no more or `most`.
    mutating func lines(upTo most: Int = .max) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        splitter.forEachLine { buffer in
            let piece = Array(rest.prefix(nextSize()))
            buffer.append(piece.span)
            rest = rest.dropFirst(piece.count)
        } _: { line in
            lines.append(Array(copying: line))
            return lines.count < most
        }
        return lines
    }
}
