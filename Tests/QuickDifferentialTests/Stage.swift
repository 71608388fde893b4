import Glibc
import TestSupport

/// Machines apart, on which a contender plays a case.
enum Stage {
    static let isPossible = geteuid() == 0

    /// Plays the case, on a thread that may block; a few at a time.
    static func play(_ scene: Case, with contender: Contender) async throws -> Outcome {
        await Turnstile.few.enter()
        let result = await finished { try run("unshare", namespaces + arguments(scene, contender), timeout: 400) }
        await Turnstile.few.leave()
        return try Outcome(of: result.get())
    }

    /// Daemons, mounts and interfaces all go with the first process.
    private static let namespaces = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]

    private static func arguments(_ scene: Case, _ contender: Contender) -> [String] {
        [
            "bash", Places.root + "/Tests/QuickDifferentialTests/Stage/stage", contender.path, Places.peers + "/wg",
            Places.daemon, contender.plant + "\n" + scene.script,
        ]
    }

    private static func finished(_ work: @escaping @Sendable () throws -> RunResult) async -> Result<
        RunResult, any Error
    > {
        await withCheckedContinuation { continuation in
            Worker { continuation.resume(returning: Result(catching: work)) }.detach()
        }
    }
}

/// Lets few of many through at a time.
private actor Turnstile {
    static let few = Turnstile(4)

    private var places: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ places: Int) { self.places = places }

    func enter() async {
        guard places == 0 else {
            places -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// Who waits longest has the place at once.
    func leave() {
        if waiting.isEmpty { places += 1 } else { waiting.removeFirst().resume() }
    }
}
