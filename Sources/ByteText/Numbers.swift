extension ByteBuffer {
    package mutating func append(decimal number: UInt64) {
        // 20 digits hold the largest; they come out last one first.
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var first = 20
        var rest = number
        repeat {
            first -= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            digits[first] = 0x30 + UInt8(truncatingIfNeeded: digit)
            rest = quotient
        } while rest != 0
        append(digits.span.extracting(first..<20))
    }

    package mutating func append(decimal number: some FixedWidthInteger & UnsignedInteger) {
        append(decimal: UInt64(number))
    }

    package mutating func append(decimal number: Int64) {
        if number < 0 { append(ASCII.minus) }
        append(decimal: number.magnitude)
    }

    /// Small letters, no prefix, no leading zeros.
    package mutating func append(hexadecimal number: UInt32) {
        append(String(number, radix: 16))
    }
}

extension Span<UInt8> {
    /// The number that these bytes are from end to end: digits only, nil when empty or above the type's range.
    package func decimal<N: FixedWidthInteger & UnsignedInteger>(_: N.Type = N.self) -> N? {
        guard !isEmpty else { return nil }
        var number: N = 0
        for index in indices {
            guard ASCII.isDigit(self[index]) else { return nil }
            let (tens, overflowed) = number.multipliedReportingOverflow(by: 10)
            let (sum, carried) = tens.addingReportingOverflow(N(self[index] &- 0x30))
            guard !overflowed, !carried else { return nil }
            number = sum
        }
        return number
    }

    /// The same in hexadecimal, small letters or capitals, without a prefix.
    package func hexadecimal() -> UInt32? {
        guard !isEmpty else { return nil }
        var number: UInt32 = 0
        for index in indices {
            guard let digit = ASCII.hexDigit(self[index]), number >> 28 == 0 else { return nil }
            number = number << 4 | UInt32(digit)
        }
        return number
    }
}
