import Glibc
import TestSupport

/// A shell that completes, run with everything of a `Stage` around it.
enum Shell: String, Sendable {
    case bash, zsh, fish

    private var location: String? { locate(rawValue) }

    var isInstalled: Bool { location != nil }

    /// Has the shell complete each line. `startup` is what bash does first, as a user's own file would; `isNamed`
    /// puts the stage's configurations and namespaces where the machine would have its own.
    func complete(_ lines: [String], wg: FakeWG, startup: String, isNamed: Bool) throws -> Performance {
        guard let location else { throw StageError(description: "\(rawValue) is not installed") }
        let stage = try Stage(wg: wg)
        try stage.write(lines.map { $0 + "\n" }.joined(), to: "lines")
        // An interactive shell would fight for the terminal that the tests are run on, if there is one.
        let command = (isNamed ? stage.naming : []) + [locate("setsid") ?? "setsid", "--wait", location]
        let result = try run(
            command[0], command.dropFirst() + arguments(at: location),
            environment: environment(of: stage).merging(["STARTUP": startup]) { $1 }, input: keys(typing: lines),
            timeout: 60)
        let calls = try stage.lines(of: "calls")
        if self == .fish {
            return Performance(answers: Answer.printed(result.out.lines), complaints: result.err.lines, calls: calls)
        }
        return Performance(
            answers: zip(lines, try stage.lines(of: "answers")).map(Answer.inserted),
            complaints: try stage.lines(of: "complaints"), calls: calls)
    }

    private static let drivers = Places.root + "/Tests/CompletionTests/Drivers"

    private func arguments(at location: String) -> [String] {
        switch self {
        case .bash: ["--noprofile", "--rcfile", Self.drivers + "/typing.bash", "-i"]
        case .zsh: ["-f", "-c", Self.terminal, location, Self.drivers + "/typing.zsh"]
        case .fish: ["--no-config", Self.drivers + "/typing.fish"]
        }
    }

    /// The line editor of zsh wants a terminal; zsh can make one.
    private static let terminal = """
        zmodload zsh/zpty
        zpty typist ${(q)0} -f -i
        zpty -w typist source ${(q)1}
        while zpty -r typist output; do :; done
        """

    private func keys(typing lines: [String]) -> [UInt8] {
        self == .bash ? lines.flatMap { Array("\($0)\u{18}a\u{18}d".utf8) } : []
    }

    private func environment(of stage: Stage) -> [String: String] {
        [
            "PATH": stage.path, "HOME": stage.folder, "TERM": "dumb", "LC_ALL": "C.UTF-8", "INPUTRC": "/dev/null",
            "REPORT": stage.folder, "COMPLETIONS": Places.root + "/completions",
        ]
    }
}

/// Where PATH has a program, if anywhere.
func locate(_ program: String) -> String? {
    (Places.environment("PATH") ?? "").split(separator: ":").map { "\($0)/\(program)" }.first(where: Places.exists)
}

/// What became of the lines.
struct Performance: Sendable {
    var answers: [[Answer]]
    /// What the completion printed, on either output, other than candidates.
    var complaints: [String]
    /// The arguments of every run of `wg`.
    var calls: [String]
}

/// One word that the last word of a line may become.
struct Answer: Sendable {
    var word: String
    /// Empty where the shell shows none.
    var description = ""

    /// Answers out of the line as it stands after the shell put all candidates in place of its last word.
    static func inserted(into line: String, giving result: String) -> [Answer] {
        guard result != line else { return [] }
        let kept = line.lastIndex(of: " ").map(line.index(after:)) ?? line.startIndex
        return words(of: result[kept...]).map { Answer(word: $0) }
    }

    /// Answers out of what the driver of fish prints.
    static func printed(_ lines: [String]) -> [[Answer]] {
        lines.reduce(into: []) { answers, line in
            guard !line.hasPrefix("> ") else { return answers.append([]) }
            let parts = line.split(separator: "\t", maxSplits: 1).map(String.init)
            answers[answers.count - 1].append(Answer(word: parts[0], description: parts.dropFirst().first ?? ""))
        }
    }

    /// Splits at blanks and removes backslashes, and the comma that invites to go on with a list.
    private static func words(of text: Substring) -> [String] {
        var words = [""]
        var escaped = false
        for character in text {
            switch character {
            case "\\" where !escaped: escaped = true
            case " " where !escaped: words.append("")
            default:
                words[words.count - 1].append(character)
                escaped = false
            }
        }
        return words.filter { !$0.isEmpty }.map { $0.hasSuffix(",") ? String($0.dropLast()) : $0 }
    }
}
