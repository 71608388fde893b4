import TestSupport
import Testing

/// Ours and the newest wg-quick do the same with the same files on the same machines, step by step, and leave
/// the same behind. QUICK_ONLY=NAME plays only the cases whose name has that in it.
@Suite(
    "Ours and the reference wg-quick",
    .enabled(if: Stage.isPossible, "needs to be root"),
    .enabled(if: Places.exists(Contender.reference.path), "needs Tests/Peers/fetch"))
struct QuickDifferentialTests {
    private static let cases = Case.all.filter { $0.name.contains(Places.environment("QUICK_ONLY") ?? "") }

    @Test("do the same", .disabled("ours does not do anything yet"), arguments: cases)
    func agreement(on scene: Case) async throws {
        let bout = try await Bout(scene, between: .ours, and: .reference)
        for difference in bout.differences
        where !DeliberateDifference.all.contains(where: { $0.explains(difference, of: scene) }) {
            Issue.record(Comment(rawValue: "\(difference)"))
        }
    }

    @Test("on at least sixty cases, each with a name of its own")
    func number() {
        #expect(Case.all.count >= 60)
        #expect(Set(Case.all.map(\.name)).count == Case.all.count)
    }
}
