import TestSupport

/// What a contender made of a case.
struct Outcome: Sendable {
    let steps: [Step]
    /// What the rest of the script said.
    let said: String

    /// A run of wg-quick. What it left is in aspects, by name.
    struct Step: Sendable {
        let command: String
        let aspects: [(name: String, text: String)]
    }

    init(of result: RunResult) throws {
        let records = result.out.split(separator: "\u{1e}", omittingEmptySubsequences: false).map(String.init)
        guard result.status == 0, records.count > 1 else {
            throw RunError(description: "the stage ended with status \(result.status): \(result.out)\(result.err)")
        }
        steps = records.dropFirst().dropLast().map { Step(record: $0) }
        said = normalForm(of: records.last!)
    }
}

extension Outcome.Step {
    fileprivate init(record: String) {
        let fields = record.split(separator: "\u{1f}", omittingEmptySubsequences: false).map(String.init)
        let (status, out, err, calls, state) = (fields[1], fields[2], fields[3], fields[4], fields[5])
        command = fields[0]
        let told = Told(err)
        aspects =
            [
                ("status", status), ("stdout", normalForm(of: out)), ("steps told", told.steps),
                ("warnings", told.warnings),
                (Told.complaintsName, status == "0" ? "" : told.complaints), ("calls", calls),
            ] + Self.sections(of: state)
    }

    /// Each begins with a line of its title.
    private static func sections(of state: String) -> [(name: String, text: String)] {
        ("\n" + state).split(separator: "\n## ").map { section in
            let end = section.firstIndex(of: "\n") ?? section.endIndex
            let title = String(section[..<end])
            let text = normalForm(of: section[end...])
            return (title, title.hasPrefix("ip -j route") ? sorted(text) : text)
        }
    }

    /// Routes that are equally long come in the order in which links became ready.
    private static func sorted(_ text: String) -> String {
        text.split(separator: "\n").sorted().joined(separator: "\n")
    }
}
