extension ByteBuffer {
    package mutating func append(decimal number: UInt64) {
        if number < 10 { return append(0x30 + UInt8(truncatingIfNeeded: number)) }
        // 20 digits hold the largest.
        append(room: 20) { free in
            let count = digitCount(of: number)
            var rest = number
            var place = count
            while place >= 2 {
                let pair = Int(truncatingIfNeeded: rest % 100)
                rest /= 100
                place -= 2
                free[place] = digitPairs.utf8Start[pair * 2]
                free[place + 1] = digitPairs.utf8Start[pair * 2 + 1]
            }
            if place == 1 { free[0] = 0x30 + UInt8(truncatingIfNeeded: rest) }
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
        let significantBits = UInt32.bitWidth - number.leadingZeroBitCount
        for shift in stride(from: max(significantBits - 1, 0) & ~3, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: number >> UInt32(shift)) & 15
            append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
    }
}

/// "00" to "99": half as many divisions as digit by digit.
private let digitPairs: StaticString = """
    0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
    5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
    """

private func digitCount(of number: UInt64) -> Int {
    var count = 1
    var bound: UInt64 = 10
    while count < 20, number >= bound {
        count += 1
        bound = bound &* 10
    }
    return count
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
