internal import ByteText

/// The fields that are a number or the word "off".
package enum NumberFields {
    /// "off" in any case, decimal, or hexadecimal behind "0x".
    package static func fwmark(_ text: Span<UInt8>) throws(FieldError) -> UInt32 {
        if text.equalsIgnoringCase("off") { return 0 }
        let mark: UInt32? = text.starts(with: "0x") ? text.extracting(2...).hexadecimal() : text.decimal()
        guard let mark else { throw .badFwmark(ByteString(copying: text)) }
        return mark
    }

    /// Seconds, or "off" in any case.
    package static func persistentKeepalive(_ text: Span<UInt8>) throws(FieldError) -> UInt16 {
        if text.equalsIgnoringCase("off") { return 0 }
        guard let seconds: UInt16 = text.decimal() else { throw .badKeepalive(ByteString(copying: text)) }
        return seconds
    }
}
