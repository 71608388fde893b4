/// What a program said on standard error.
struct Messages {
    private let text: [UInt8]

    init(_ text: [UInt8]) { self.text = text }

    /// Lines that tell what went wrong. Warnings and attempts that failed may come before; interfaces that
    /// cannot be shown have a line each, and a usage text or list of commands counts as one.
    var complaints: Int {
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast()
        if lines.contains(where: { $0.hasPrefix("Usage: ") }) { return 1 }
        let asides = ["Warning: ", ". Trying again in ", "Unable to access interface "]
        return lines.count { line in !asides.contains { line.contains($0) } }
    }

    /// Whether as much of a secret as identifies it stands anywhere; the zeros that are no key do not.
    func `repeat`(anyOf secrets: [[UInt8]]) -> Bool {
        let length = 43
        guard text.count >= length else { return false }
        return (0...(text.count - length)).contains { start in
            let window = text[start..<(start + length)]
            return window.allSatisfy(KeyText.isBase64) && Set(window).count > 4
                && secrets.contains { $0.contains(window) }
        }
    }
}
