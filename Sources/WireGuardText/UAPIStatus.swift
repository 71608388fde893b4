internal import ByteText

/// Reads what a userspace daemon answers to `set=1`, line by line.
package struct UAPIStatus {
    /// As the last errno line gives it, 0 or negative; nil until there is one.
    package private(set) var code: Int64?

    package init() {}

    /// Takes the next line; false when it is the empty one that ends the answer.
    package mutating func take(line: Span<UInt8>) throws(UAPIAnswer.Malformed) -> Bool {
        if line.isEmpty { return false }
        guard line.firstIndex(of: 0) == nil, line.firstIndex(of: ASCII.equals) != nil else {
            throw UAPIAnswer.Malformed()
        }
        guard line.starts(with: "errno=") else { return true }
        let value = line.extracting(6...)
        let isNegative = !value.isEmpty && value[0] == ASCII.minus
        guard let magnitude: UInt32 = (isNegative ? value.extracting(1...) : value).decimal(),
            let number = Int32(exactly: isNegative ? -Int64(magnitude) : Int64(magnitude))
        else { throw UAPIAnswer.Malformed() }
        code = Int64(number)
        return true
    }
}
