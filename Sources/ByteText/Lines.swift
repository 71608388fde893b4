/// Cuts a stream that arrives in pieces into lines, whatever their length.
package struct LineSplitter: ~Copyable {
    /// The piece being cut, and in front of it the beginning of its first line from the pieces before.
    private var pending = ByteBuffer(capacity: 68 << 10)
    /// Bytes of `pending` that are known to hold no newline, so that a line of many pieces is scanned once.
    private var scanned = 0

    package init() {}

    /// Asks `fill` for more bytes until it adds none, and hands every line, without its newline, to `body`.
    ///
    /// What stands behind the last newline is a line too unless it is empty. `body` returns false to stop
    /// early; the next call goes on behind that line.
    package mutating func forEachLine<E: Error>(
        fill: (inout ByteBuffer) throws(E) -> Void, _ body: (Span<UInt8>) throws(E) -> Bool
    ) throws(E) {
        while try cut(body) {
            let before = pending.count
            try fill(&pending)
            guard pending.count == before else { continue }
            if before > 0 { _ = try body(pending.span) }
            pending.removeAll()
            scanned = 0
            return
        }
    }

    private mutating func cut<E: Error>(_ body: (Span<UInt8>) throws(E) -> Bool) throws(E) -> Bool {
        var start = 0
        var search = scanned
        var goesOn = true
        while goesOn, let newline = pending.span.firstIndex(of: ASCII.newline, from: search) {
            goesOn = try body(pending.span.extracting(start..<newline))
            start = newline + 1
            search = start
        }
        pending.removeFirst(start)
        scanned = goesOn ? pending.count : 0
        return goesOn
    }
}
