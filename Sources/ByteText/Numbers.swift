extension ByteBuffer {
    package mutating func append(decimal number: UInt64) {
        // 20 digits hold the largest.
        append(room: 20) { free in
            var count = 1
            var bound: UInt64 = 10
            while count < 20, number >= bound {
                count += 1
                bound = bound &* 10
            }
            var rest = number
            for place in stride(from: count - 1, through: 0, by: -1) {
                free[place] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            return count
        }
    }

    package mutating func append(decimal number: UInt32) { append(decimal: UInt64(number)) }

    package mutating func append(decimal number: UInt16) { append(decimal: UInt64(number)) }

    package mutating func append(decimal number: UInt8) { append(decimal: UInt64(number)) }

    package mutating func append(decimal number: Int64) {
        if number < 0 { append(ASCII.minus) }
        append(decimal: number.magnitude)
    }

    /// Small letters, no prefix, no leading zeros.
    package mutating func append(hexadecimal number: UInt32) {
        append(string: String(number, radix: 16))
    }
}

/// Numbers written in digits only, from the first byte to the last; nil when there are none, or when the
/// number is above the type's range. Not generic: an answer of a large device holds millions of them.
extension Span<UInt8> {
    package func decimal() -> UInt64? {
        guard !isEmpty else { return nil }
        var number: UInt64 = 0
        for index in indices {
            let digit = UInt64(self[unchecked: index] &- 0x30)
            // 2^64 has 20 digits: the 20th is the first that can overflow.
            guard digit < 10, index < 19 || number <= (UInt64.max - digit) / 10 else { return nil }
            number = number &* 10 &+ digit
        }
        return number
    }

    package func decimal() -> UInt32? {
        guard let number: UInt64 = decimal(), number <= UInt32.max else { return nil }
        return UInt32(truncatingIfNeeded: number)
    }

    package func decimal() -> UInt16? {
        guard let number: UInt64 = decimal(), number <= UInt16.max else { return nil }
        return UInt16(truncatingIfNeeded: number)
    }

    package func decimal() -> UInt8? {
        guard let number: UInt64 = decimal(), number <= UInt8.max else { return nil }
        return UInt8(truncatingIfNeeded: number)
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
