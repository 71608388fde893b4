/// A handshake message on its way to the network.
package struct HandshakeDatagram: Sendable {
    private let bytes: InlineArray<148, UInt8>
    package let count: Int
    package let path: Path

    init<let count: Int>(_ message: InlineArray<count, UInt8>, by path: Path) {
        var bytes = InlineArray<148, UInt8>(repeating: 0)
        for index in 0..<count { bytes[index] = message[index] }
        (self.bytes, self.count, self.path) = (bytes, count, path)
    }

    package var span: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { bytes.span.extracting(first: count) }
    }
}
