/// All cases of one kind, ours and the reference in turn.
struct Series: Sendable {
    let kind: CaseKind
    let seed: UInt64

    struct Report: Sendable {
        var cases = 0
        var refused = 0
        /// How often a named difference of the reference's version explains what differs.
        var versionDifferences: [String: Int] = [:]
        var mismatches: [String] = []
    }

    private static let enoughMismatches = 20

    /// To be called in an arena.
    func run(_ numbers: some Sequence<Int>) throws -> Report {
        var report = Report()
        for number in numbers where report.mismatches.count < Self.enoughMismatches {
            let bout = try Bout.fight { kind.make(number, seed: seed, now: $0) }
            report.cases += 1
            report.refused += bout.ours.status == 0 ? 0 : 1
            if let name = bout.versionDifference {
                report.versionDifferences[name, default: 0] += 1
            } else {
                report.mismatches += bout.faults.map { "\(kind.name):\(number), seed \(seed): \($0)\n\(bout)" }
            }
        }
        return report
    }
}
