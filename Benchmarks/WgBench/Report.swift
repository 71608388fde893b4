import Glibc

/// The measurements as Markdown.
struct Report {
    let rows: [Row]

    var text: String {
        ([machine, ""] + table + [""] + linearity + ["", verdict]).joined(separator: "\n")
    }

    private var machine: String {
        var load = [0.0]
        getloadavg(&load, 1)
        return """
            Whole processes, ours and the reference in turn; ratios are medians over pairs of runs, below 1 is \
            better than the reference. \(processor), \(sysconf(CInt(_SC_NPROCESSORS_ONLN))) cores, load \(load[0].fixed(1)).
            """
    }

    private var processor: String {
        let description = (try? readFile("/proc/cpuinfo")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        let model = description.split(separator: "\n").first { $0.hasPrefix("model name") }
        return model?.split(separator: ":").last.map { String($0.drop(while: \.isWhitespace)) } ?? "Unknown processor"
    }

    private var table: [String] {
        [
            "| command | peers | ours | reference | time | CPU time | peak memory |",
            "|---|--:|--:|--:|--:|--:|--:|",
        ]
            + rows.map { row in
                let cells = [
                    "`\(row.challenge.name)`", row.challenge.peers.map(\.grouped) ?? "",
                    row.ours.map(\.wall).median.duration, row.reference.map(\.wall).median.duration,
                    "**\(row.ratio(\.wall).fixed(2))**", row.ratio(\.cpu).fixed(2), row.ratio(\.memory).fixed(2),
                ]
                return "| " + cells.joined(separator: " | ") + " |"
            }
    }

    /// Our time per peer for few and for many of them; of the processor, which other programs do not stretch.
    private var linearity: [String] {
        let large = rows.filter { $0.challenge.peers != nil }
        let each = large.map(\.challenge.name).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        return ["Our CPU time per peer:", ""]
            + each.map { name in
                let times = large.filter { $0.challenge.name == name }.map { row in
                    let peers = row.challenge.peers!
                    return "\((row.ours.map(\.cpu).median / Double(peers)).duration) with \(peers.grouped)"
                }
                return "- `\(name)`: " + times.joined(separator: ", ")
            }
    }

    private var verdict: String {
        let missed = rows.flatMap(\.missedTargets)
        return missed.isEmpty ? "All targets are met." : "Missed targets: " + missed.joined(separator: "; ") + "."
    }
}

extension Row {
    /// Small commands at most 1.5 times the reference's time; large ones 0.7 of it, in no more memory.
    fileprivate var missedTargets: [String] {
        guard let peers = challenge.peers else { return missed("time", ratio(\.wall), 1.5) }
        return missed("time with \(peers.grouped) peers", ratio(\.wall), 0.7)
            + missed("memory with \(peers.grouped) peers", ratio(\.memory), 1)
    }

    private func missed(_ what: String, _ ratio: Double, _ target: Double) -> [String] {
        ratio <= target ? [] : ["\(challenge.name) \(what) \(ratio.fixed(2)) > \(target.fixed(1))"]
    }
}

extension Double {
    fileprivate func fixed(_ digits: Int) -> String {
        let scale = digits == 0 ? 1.0 : digits == 1 ? 10.0 : 100.0
        let parts = Int((self * scale).rounded()).quotientAndRemainder(dividingBy: Int(scale))
        let fraction = String(parts.remainder)
        return digits == 0
            ? "\(parts.quotient)"
            : "\(parts.quotient).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
    }

    /// Seconds, with a fitting unit.
    fileprivate var duration: String {
        if self < 1e-3 { return (self * 1e6).fixed(self < 1e-5 ? 2 : 0) + " µs" }
        return self < 1 ? (self * 1e3).fixed(self < 0.1 ? 2 : 0) + " ms" : fixed(2) + " s"
    }
}

extension Int {
    /// In groups of three digits.
    fileprivate var grouped: String {
        self < 1000 ? "\(self)" : "\((self / 1000).grouped),\(String(1000 + self % 1000).dropFirst())"
    }
}
