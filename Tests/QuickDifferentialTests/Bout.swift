/// A case and what the two contenders made of it.
struct Bout: Sendable {
    let scene: Case
    let differences: [Difference]

    init(_ scene: Case, between ours: Contender, and reference: Contender) async throws {
        self.scene = scene
        async let mine = Stage.play(scene, with: ours)
        let theirs = try await Stage.play(scene, with: reference)
        differences = Self.differences(try await mine, theirs)
    }

    private static func differences(_ ours: Outcome, _ reference: Outcome) -> [Difference] {
        let steps = zip(ours.steps, reference.steps).enumerated().flatMap { index, steps in
            differences(steps.0, steps.1, step: index + 1)
        }
        let said = Difference(
            step: 0, command: "the script", aspect: "said", ours: ours.said, reference: reference.said)
        return steps + (ours.said == reference.said ? [] : [said])
    }

    private static func differences(_ ours: Outcome.Step, _ reference: Outcome.Step, step: Int) -> [Difference] {
        var names = ours.aspects.map(\.name)
        names += reference.aspects.map(\.name).filter { !names.contains($0) }
        return names.compactMap { name in
            let (mine, theirs) = (ours.text(of: name), reference.text(of: name))
            let agree = name == Told.complaintsName ? Told.agree(ours: mine, reference: theirs) : mine == theirs
            return agree
                ? nil : Difference(step: step, command: ours.command, aspect: name, ours: mine, reference: theirs)
        }
    }
}

extension Outcome.Step {
    fileprivate func text(of name: String) -> String {
        aspects.first { $0.name == name }?.text ?? "(nothing of that name)"
    }
}

/// One aspect of one step in which the contenders disagree.
struct Difference: Sendable, CustomStringConvertible {
    /// From 1; 0 is the script around them.
    let step: Int
    let command: String
    let aspect: String
    let ours: String
    let reference: String

    /// The lines that only one side has.
    var description: String {
        let mine = ours.split(whereSeparator: \.isNewline)
        let theirs = reference.split(whereSeparator: \.isNewline)
        let changes = mine.difference(from: theirs).map { change in
            switch change {
            case .insert(_, let line, _): "  ours:      \(line)"
            case .remove(_, let line, _): "  reference: \(line)"
            }
        }
        return "step \(step), \(command): \(aspect)\n" + changes.joined(separator: "\n")
    }
}
