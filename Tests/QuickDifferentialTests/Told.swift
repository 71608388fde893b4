/// What a wg-quick told on standard error.
struct Told {
    /// `[#] …` and `[!] …`, what it did. That it falls back to a daemon is told in words of each one's own.
    let steps: String
    let warnings: String
    /// The rest, also of the programs that the reference runs.
    let complaints: String

    static let complaintsName = "complaints"

    init(_ text: String) {
        let lines = text.split(whereSeparator: \.isNewline)
        steps = lines.filter { $0.hasPrefix("[#]") || $0.hasPrefix("[!]") }
            .map { $0.hasPrefix("[!]") ? "[!]" : normalForm(of: $0) }.joined(separator: "\n")
        warnings = lines.filter { $0.hasPrefix("Warning:") }.joined(separator: "\n")
        complaints = lines.filter {
            // The kernel's own words for having no WireGuard.
            !$0.hasPrefix("[") && !$0.hasPrefix("Warning:") && $0 != "Error: Unknown device type."
        }.joined(separator: "\n")
    }

    /// Own words of the reference are to be ours. Where a program that it ran complains, ours says something too.
    static func agree(ours: String, reference: String) -> Bool {
        if reference.hasPrefix("wg-quick: ") { return ours == reference }
        return ours.isEmpty == reference.isEmpty
    }
}
