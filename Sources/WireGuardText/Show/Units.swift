internal import ByteText

/// Times and sizes as people read them.
struct Units {
    let palette: Palette

    private static let timeUnits: [(seconds: UInt64, one: StaticString, many: StaticString)] = [
        (365 * 24 * 60 * 60, "year", "years"),
        (24 * 60 * 60, "day", "days"),
        (60 * 60, "hour", "hours"),
        (60, "minute", "minutes"),
        (1, "second", "seconds"),
    ]

    private static let sizeUnits: [(shift: UInt64, name: StaticString)] = [
        (10, "KiB"), (20, "MiB"), (30, "GiB"), (40, "TiB"),
    ]

    /// "1 hour, 23 minutes, 20 seconds": the parts that are not zero.
    func append(seconds: UInt64, to text: inout ByteBuffer) {
        var rest = seconds
        var isFirst = true
        for unit in Self.timeUnits where rest >= unit.seconds {
            let (count, remainder) = rest.quotientAndRemainder(dividingBy: unit.seconds)
            rest = remainder
            if !isFirst { text.append(", ") }
            isFirst = false
            text.append(decimal: count)
            text.append(ASCII.space)
            text.append(count == 1 ? unit.one : unit.many, in: palette.cyan, of: palette)
        }
    }

    /// How long before `now` a moment was, both in seconds since 1970.
    func append(moment: Int64, ago now: Int64, to text: inout ByteBuffer) {
        if moment == now {
            text.append("Now")
        } else if moment > now {
            text.append("(")
            text.append("System clock wound backward; connection problems may ensue.", in: palette.red, of: palette)
            text.append(")")
        } else {
            // Half an eternity lies between the ends of Int64: more than it holds itself.
            append(seconds: UInt64(bitPattern: now) &- UInt64(bitPattern: moment), to: &text)
            text.append(" ago")
        }
    }

    /// "1.91 MiB": two decimals from 1024 bytes on.
    func append(bytes: UInt64, to text: inout ByteBuffer) {
        guard let unit = Self.sizeUnits.last(where: { bytes >> $0.shift > 0 }) else {
            text.append(decimal: bytes)
            text.append(ASCII.space)
            return text.append("B", in: palette.cyan, of: palette)
        }
        append(hundredths: hundredths(of: bytes, shift: unit.shift), to: &text)
        text.append(ASCII.space)
        text.append(unit.name, in: palette.cyan, of: palette)
    }

    /// Bytes as hundredths of the unit, rounded as printf rounds the quotient: to the nearest, a tie to
    /// the even one. The quotient is first a double, which matters above 2^53.
    private func hundredths(of bytes: UInt64, shift: UInt64) -> UInt64 {
        let double = UInt64(exactly: Double(bytes)) ?? .max
        let (high, low) = double.multipliedFullWidth(by: 100)
        let unit = UInt64(1) << shift
        let whole = high << (64 - shift) | low >> shift
        let rest = low & (unit - 1)
        let half = unit / 2
        return rest > half || (rest == half && whole & 1 == 1) ? whole + 1 : whole
    }

    private func append(hundredths: UInt64, to text: inout ByteBuffer) {
        text.append(decimal: hundredths / 100)
        text.append(UInt8(ascii: "."))
        if hundredths % 100 < 10 { text.append(UInt8(ascii: "0")) }
        text.append(decimal: hundredths % 100)
    }
}
