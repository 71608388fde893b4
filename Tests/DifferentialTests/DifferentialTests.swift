import TestSupport
import Testing

/// Ours and the reference `wg` do the same with thousands of made-up commands, keys, files and devices.
///
/// DIFFERENTIAL_SEED makes up others, WIREGUARD_TEST_ROUNDS more of them, and DIFFERENTIAL_ONLY=set:123
/// runs one again.
@Suite(
    "Ours and the reference",
    .enabled(if: Arena.isPossible, "needs to be root, or in a user namespace"),
    .enabled(if: Places.exists(Contender.reference.path), "needs Tests/Peers/fetch, or wireguard-tools"))
struct DifferentialTests {
    static let seed = setting("SEED").flatMap(UInt64.init) ?? 20_260_223
    private static let only = setting("ONLY")?.split(separator: ":").map(String.init)

    @Test("do the same", arguments: CaseKind.all)
    func agreement(on kind: CaseKind) async throws {
        let series = Series(kind: kind, seed: Self.seed)
        let numbers = Self.numbers(of: kind)
        let report = try await Arena.run { try series.run(numbers) }
        print(
            "differential \(kind.name): \(report.cases) cases, \(report.refused) refused,",
            "\(report.mismatches.count) mismatches, seed \(Self.seed)", Self.told(report.versionDifferences))
        for mismatch in report.mismatches { Issue.record(Comment(rawValue: mismatch)) }
    }

    private static func told(_ differences: [String: Int]) -> String {
        differences.map { "\n  difference of the reference's version in \($1) cases: \($0)" }.joined()
    }

    private static func numbers(of kind: CaseKind) -> Range<Int> {
        guard let only else { return Rounds.usual(kind.count) }
        guard only.first == kind.name, let number = only.last.flatMap(Int.init) else { return 0..<0 }
        return number..<(number + 1)
    }

    private static func setting(_ name: String) -> String? { Places.environment("DIFFERENTIAL_" + name) }
}
