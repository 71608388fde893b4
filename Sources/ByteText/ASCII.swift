internal import Glibc

/// The few characters and classes that the formats are made of, as in C's "C" locale.
@usableFromInline
package enum ASCII {
    @inlinable package static var tab: UInt8 { UInt8(ascii: "\t") }
    @inlinable package static var newline: UInt8 { UInt8(ascii: "\n") }
    @inlinable package static var space: UInt8 { UInt8(ascii: " ") }
    @inlinable package static var comma: UInt8 { UInt8(ascii: ",") }
    @inlinable package static var slash: UInt8 { UInt8(ascii: "/") }
    @inlinable package static var colon: UInt8 { UInt8(ascii: ":") }
    @inlinable package static var equals: UInt8 { UInt8(ascii: "=") }
    @inlinable package static var plus: UInt8 { UInt8(ascii: "+") }
    @inlinable package static var minus: UInt8 { UInt8(ascii: "-") }

    @inlinable
    package static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    package static func hexDigit(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte &- 0x30 }
        let letter = lowercased(byte) &- 0x61
        return letter < 6 ? letter + 10 : nil
    }

    /// Space, tab, newline, vertical tab, form feed, carriage return: `isspace` in C.
    @inlinable
    package static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 9 < 5 }

    package static func isBase64(_ byte: UInt8) -> Bool {
        isDigit(byte) || lowercased(byte) &- 0x61 < 26 || byte == plus || byte == slash || byte == equals
    }

    @inlinable
    package static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
}

extension Span<UInt8> {
    /// memchr: the library's vector loop is several times faster than one of ours, and answers are megabytes.
    package func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
        withUnsafeBufferPointer { buffer in
            guard start < buffer.count, let base = buffer.baseAddress,
                let found = memchr(base + start, Int32(byte), buffer.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
    }

    package func lastIndex(of byte: UInt8) -> Int? {
        for index in indices.reversed() where self[unchecked: index] == byte { return index }
        return nil
    }

    @inlinable
    package func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && starts(with: text)
    }

    @inlinable
    package func starts(with text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard count >= length else { return false }
        // Most comparisons end at the first byte.
        guard length > 0, self[0] == text.utf8Start[0] else { return length == 0 }
        return begins(with: text.utf8Start, length)
    }

    @usableFromInline
    func begins(with start: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        withUnsafeBufferPointer { memcmp($0.baseAddress!, start, length) == 0 }
    }

    /// `text` in small letters is compared with what stands here in any.
    @inlinable
    package func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in indices where ASCII.lowercased(self[unchecked: index]) != text.utf8Start[index] { return false }
        return true
    }
}
