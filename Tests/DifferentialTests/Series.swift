import Glibc
import TestSupport

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
            let bout = try fight(number)
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

    /// Ages are told in seconds: when the clock ticks between the two, they have to meet again.
    private func fight(_ number: Int) throws -> Bout {
        while true {
            let now = time(nil)
            let scene = kind.make(number, seed: seed, now: now)
            let bout = Bout(
                scene: scene, ours: try Contender.ours.run(scene), reference: try Contender.reference.run(scene))
            if bout.ours.agrees(with: bout.reference) || time(nil) == now { return bout }
        }
    }
}

/// A case and what the two programs made of it.
struct Bout: Sendable, CustomStringConvertible {
    let scene: Case
    let ours: Outcome
    let reference: Outcome

    var description: String { "\(scene)\n--- ours\n\(ours)\n--- reference\n\(reference)\n" }

    /// The difference of the reference's version that explains why the two disagree.
    var versionDifference: String? {
        guard !Contender.isReferenceNewest, !ours.agrees(with: reference) else { return nil }
        return VersionDifference.all.first { $0.explains(self) }?.name
    }

    /// Everything wrong with what ours did.
    var faults: [String] {
        var faults: [String] = []
        if !ours.agrees(with: reference) { faults.append("ours differs from the reference") }
        if !(0...1).contains(ours.status) { faults.append("ours ends with status \(ours.status)") }
        if ours.status == 1, ours.stderr.isEmpty { faults.append("ours fails without a word") }
        if Messages(ours.stderr).complaints > 1 { faults.append("ours says more than one line about one mistake") }
        if Messages(ours.stderr).repeat(anyOf: scene.secrets) { faults.append("ours repeats a secret in a message") }
        return faults
    }
}
