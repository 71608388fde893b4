import Glibc
import TestSupport

/// A case and what the two programs made of it.
struct Bout: Sendable, CustomStringConvertible {
    let scene: Case
    let ours: Outcome
    let reference: Outcome

    private init(_ scene: Case) throws {
        self.scene = scene
        ours = try Contender.ours.run(scene)
        reference = try Contender.reference.run(scene)
    }

    /// To be called in an arena. Ages are told in seconds: when the clock ticks between the two programs,
    /// they have to meet again.
    static func fight(_ makeScene: (_ now: Int) -> Case) throws -> Bout {
        for _ in 1..<5 {
            let now = time(nil)
            let bout = try Bout(makeScene(now))
            if bout.isDraw || time(nil) == now { return bout }
        }
        return try Bout(makeScene(time(nil)))
    }

    /// One after the other, in an arena of their own.
    static func of(_ scenes: [Case]) async throws -> [Bout] {
        try await Arena.run { try scenes.map { scene in try fight { _ in scene } } }
    }

    var description: String { "\(scene)\n--- ours\n\(ours)\n--- reference\n\(reference)\n" }

    var isDraw: Bool { ours.agrees(with: reference) }

    /// The difference of the reference's version that explains why the two disagree.
    var versionDifference: String? {
        guard !Contender.isReferenceNewest, !isDraw else { return nil }
        return VersionDifference.all.first { $0.explains(self) }?.name
    }

    /// Everything wrong with what ours did.
    var faults: [String] {
        var faults: [String] = []
        if !isDraw { faults.append("ours differs from the reference") }
        if !(0...1).contains(ours.status) { faults.append("ours ends with status \(ours.status)") }
        if ours.status == 1, ours.stderr.isEmpty { faults.append("ours fails without a word") }
        if Messages(ours.stderr).complaints > 1 { faults.append("ours says more than one line about one mistake") }
        if Messages(ours.stderr).repeat(anyOf: scene.secrets) { faults.append("ours repeats a secret in a message") }
        return faults
    }
}
