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

    @Test("do the same", arguments: cases)
    func agreement(on scene: Case) async throws {
        let bout = try await Bout(scene, between: .ours, and: .reference)
        let explained = DeliberateDifference.aspects(of: scene)
        for difference in bout.differences where !explained.contains(difference.aspect) {
            Issue.record(Comment(rawValue: "\(difference)"))
        }
        #expect(explained.subtracting(bout.differences.map(\.aspect)) == [], "are no differences any more")
    }

    @Test("do the same with files of random lines", arguments: Rounds.usual(24))
    func agreement(onFile number: Int) async throws {
        let scene = MadeUpFile.scene(number)
        let bout = try await Bout(scene, between: .ours, and: .reference)
        for difference in bout.differences { Issue.record(Comment(rawValue: "\(difference)\n\(scene.script)")) }
    }

    @Test("on at least sixty cases, each with a name of its own")
    func number() {
        #expect(Case.all.count >= 60)
        #expect(Set(Case.all.map(\.name)).count == Case.all.count)
    }
}
