internal import ByteText

/// The ways in which the same bytes may arrive from a file or socket.
package enum Pieces {
    /// At once, byte by byte, and in between.
    package static let sizes = [Int.max, 1, 61]

    /// Cuts `bytes`, arriving in pieces of `size`, into lines by the program's own splitter.
    package static func forEachLine<E: Error>(
        of bytes: [UInt8], size: Int, _ body: (Span<UInt8>) throws(E) -> Bool
    ) throws(E) {
        var rest = bytes[...]
        var splitter = LineSplitter()
        try splitter.forEachLine { (buffer) throws(E) in
            buffer.append(Array(rest.prefix(size)).span)
            rest = rest.dropFirst(size)
        } _: { line throws(E) in
            try body(line)
        }
    }
}
