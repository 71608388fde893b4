import Glibc
import TestSupport
import Testing

/// A C program confines itself with the daemon's own code, and then makes one attempt after the other.
@Suite("The sandbox", .serialized, .enabled(if: geteuid() == 0, "needs root"))
struct SandboxTests {
    /// An attempt, and the errno that landlock and seccomp, each alone, return; 0 if they allow it.
    struct Attempt: CustomTestStringConvertible, Sendable {
        let name: String
        /// Whether the path is inside the control socket's folder; nil for an attempt without a path.
        var isInside: Bool?
        let files: CInt
        let calls: CInt
        /// Whether seccomp reports the refusal: by a line on standard error, or by ending the process.
        var isRefused: Bool { calls == EPERM }

        var testDescription: String { name + (isInside.map { $0 ? " inside" : " outside" } ?? "") }
    }

    private static let attempts = [
        Attempt(name: "read", isInside: true, files: EACCES, calls: EACCES),
        Attempt(name: "read", isInside: false, files: EACCES, calls: EACCES),
        Attempt(name: "write", isInside: true, files: EACCES, calls: EPERM),
        Attempt(name: "write", isInside: false, files: EACCES, calls: EPERM),
        Attempt(name: "create", isInside: true, files: EACCES, calls: EPERM),
        Attempt(name: "create", isInside: false, files: EACCES, calls: EPERM),
        Attempt(name: "list", isInside: true, files: 0, calls: 0),
        Attempt(name: "list", isInside: false, files: EACCES, calls: 0),
        Attempt(name: "delete", isInside: true, files: 0, calls: 0),
        Attempt(name: "delete", isInside: false, files: EACCES, calls: 0),
        Attempt(name: "execute", files: EACCES, calls: EPERM),
        Attempt(name: "fork", files: 0, calls: EPERM),
        Attempt(name: "ptrace", files: 0, calls: EPERM),
        Attempt(name: "namespace", files: 0, calls: EPERM),
        Attempt(name: "ioctl", files: 0, calls: EPERM),
        Attempt(name: "code", files: 0, calls: EPERM),
        Attempt(name: "protect", files: 0, calls: EPERM),
        Attempt(name: "tcp", files: 0, calls: EPERM),
        Attempt(name: "unix", files: 0, calls: EPERM),
        Attempt(name: "packet", files: 0, calls: EPERM),
        Attempt(name: "udp", files: 0, calls: 0),
        Attempt(name: "netlink", files: 0, calls: 0),
        Attempt(name: "memory", files: 0, calls: 0),
    ]

    @Test("without it everything is possible", arguments: attempts)
    func off(_ attempt: Attempt) throws {
        let result = try Workshop().result(of: attempt, "off")
        #expect(result.out == "0\n" && result.status == 0, "\(result.err)")
    }

    @Test(
        "landlock leaves nothing but the folder of the socket", .enabled(if: hasLandlock, "needs landlock"),
        arguments: attempts)
    func files(_ attempt: Attempt) throws {
        let result = try Workshop().result(of: attempt, "files")
        #expect(result.out == "\(attempt.files)\n" && result.status == 0, "\(result.err)")
    }

    @Test("a system call that a tunnel does not need fails with EPERM and is told of", arguments: attempts)
    func calls(_ attempt: Attempt) throws {
        let result = try Workshop().result(of: attempt, "calls")
        #expect(result.out == "\(attempt.calls)\n" && result.status == 0, "\(result.err)")
        let line = "test: the sandbox refuses system call "
        #expect(!attempt.isRefused ? result.err == "" : result.err.hasPrefix(line) && result.err.hasSuffix("\n"))
    }

    @Test("in the mode of the tests it ends the process by SIGSYS", arguments: attempts)
    func kills(_ attempt: Attempt) throws {
        let result = try Workshop().result(of: attempt, "kills")
        #expect(result.status == (attempt.isRefused ? 128 + SIGSYS : 0))
        #expect(result.out == (attempt.isRefused ? "" : "\(attempt.calls)\n"))
    }

    @Test(
        "all threads of a daemon are confined, unless WG_SANDBOX is off",
        .enabled(if: Household.isPossible, Household.obstacle))
    func daemon() throws {
        let output = try Household.output(
            """
            for mode in on kill off; do
                WG_SANDBOX=$mode LOG_LEVEL=verbose $daemon wg0 >/run/log 2>&1 </dev/null
                pid=$(number wg0)
                until grep -q ': ready' /run/log; do sleep 0.01; done
                grep -h Seccomp: /proc/$pid/task/*/status | sort -u
                kill $pid; gone $pid
                grep -o 'confined by .*' /run/log | sort
            done
            WG_SANDBOX=maybe $daemon wg0
            """)
        let layers =
            SandboxTests.hasLandlock ? ["confined by landlock", "confined by seccomp"] : ["confined by seccomp"]
        #expect(
            output == ["Seccomp:\t2"] + layers + ["Seccomp:\t2"] + layers + ["Seccomp:\t0"]
                + ["wireguard-swift: WG_SANDBOX=`maybe' is not understood: set it to `on', `off' or `kill'"])
    }

    /// Read from the program's exit status.
    private static let hasLandlock = (try? run(program.get(), ["files", "/", "memory"]).status) != 4

    /// A folder with the program, and the two folders for its attempts.
    private struct Workshop: ~Copyable {
        private let folder: String

        init() throws {
            folder = try makeTemporaryFolder("sandbox")
            for name in ["inside", "outside"] { mkdir("\(folder)/\(name)", 0o700) }
        }

        deinit { _ = try? run("rm", ["-rf", folder]) }

        func result(of attempt: Attempt, _ mode: String) throws -> RunResult {
            let program = try SandboxTests.program.get()
            var path: [String] = []
            if let isInside = attempt.isInside {
                let place = "\(folder)/\(isInside ? "inside" : "outside")"
                path = [attempt.name == "list" ? place : place + "/file"]
                if !["list", "create"].contains(attempt.name) { _ = try run("touch", path) }
            }
            return try run(program, [mode, "\(folder)/inside", attempt.name] + path, argv0: "sandbox")
        }
    }

    /// Built once.
    private static let program = Result<String, any Error> {
        let folder = try makeTemporaryFolder("sandbox-program")
        let sources = Places.root + "/Sources/CLinux"
        let built = try run(
            "clang",
            ["-O2", "-Wall", "-Wextra", "-Werror", "-I\(sources)/include", "-o", "\(folder)/sandbox"]
                + ["\(Places.root)/Tests/Proof/sandbox.c"]
                + ["seccomp", "landlock", "process"].map { "\(sources)/\($0).c" })
        guard built.status == 0 else { throw RunError(description: "clang: \(built.err)") }
        return folder + "/sandbox"
    }
}
