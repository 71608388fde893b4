internal import ByteText

/// Terminal colours of the pretty output; all empty where it is not coloured.
struct Palette {
    let reset: StaticString
    let bold: StaticString
    let red: StaticString
    let green: StaticString
    let yellow: StaticString
    let cyan: StaticString

    static let colored = Palette(
        reset: "\u{1b}[0m", bold: "\u{1b}[1m", red: "\u{1b}[31m", green: "\u{1b}[32m", yellow: "\u{1b}[33m",
        cyan: "\u{1b}[36m")

    static let plain = Palette(reset: "", bold: "", red: "", green: "", yellow: "", cyan: "")
}

extension ByteBuffer {
    mutating func append(_ word: StaticString, in color: StaticString, of palette: Palette) {
        append(color)
        append(word)
        append(palette.reset)
    }
}
