package import ByteText

/// An endpoint as it is written: host and port, either of which may want resolving.
package struct EndpointName: Hashable, Sendable {
    package let host: ByteString
    package let port: ByteString
    /// The whole, for messages.
    package let text: ByteString

    /// "HOST:PORT", or "[HOST]:PORT" for hosts with colons in them.
    package init(_ whole: ByteString) throws(FieldError) {
        text = whole
        guard !whole.isEmpty else { throw .emptyEndpoint }
        let text = whole.span
        let bracketed = text[0] == UInt8(ascii: "[")
        let colon = bracketed ? try Self.colonBehindBrace(in: text) : text.lastIndex(of: ASCII.colon)
        guard let colon, colon + 1 < text.count else { throw .endpointWithoutPort(whole) }
        host = ByteString(copying: bracketed ? text.extracting(1..<(colon - 1)) : text.extracting(..<colon))
        port = ByteString(copying: text.extracting((colon + 1)...))
    }

    private static func colonBehindBrace(in text: Span<UInt8>) throws(FieldError) -> Int? {
        guard let brace = text.firstIndex(of: UInt8(ascii: "]")) else {
            throw .endpointWithoutBrace(ByteString(copying: text))
        }
        return brace + 1 < text.count && text[brace + 1] == ASCII.colon ? brace + 1 : nil
    }
}
