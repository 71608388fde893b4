package import ByteText

extension String {
    /// What `build` appends to an empty buffer.
    package init(_ build: (inout ByteBuffer) -> Void) {
        var text = ByteBuffer()
        build(&text)
        self.init(decoding: Array(copying: text.span), as: UTF8.self)
    }

    package var bytes: [UInt8] { Array(utf8) }
}

extension [UInt8] {
    /// For failures to be read: UTF-8 where it is that.
    package var text: String { String(decoding: self, as: UTF8.self) }

    /// Two small digits each.
    package var hex: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

    /// Of pairs of digits.
    package init(hex digits: String) {
        let digits = [UInt8](digits.utf8)
        self = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0..<($0 + 2)].text, radix: 16)! }
    }
}

extension ArraySlice<UInt8> {
    package var text: String { String(decoding: self, as: UTF8.self) }
}
