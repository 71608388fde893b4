import Glibc
import TestSupport
import Testing

/// A machine apart: its own network, mounts and processes, an empty /run, and further machines to wire up
/// in it. Whatever was started in it ends, and every trace of it goes, when the laboratory does, or when
/// the tests end in whatever way.
final class Laboratory: Sendable {
    private let keeper: pid_t
    /// The keeper reads from the other end, and with it the first process of the laboratory ends.
    private let lifeline: CInt

    private static let folder = "/run/laboratory/"

    /// Those who are not root may be it in a user namespace.
    private static let becomingRoot = geteuid() == 0 ? [] : ["--map-root-user"]
    private static let asRoot = geteuid() == 0 ? [] : ["--user", "--preserve-credentials"]

    init(machines: [String] = []) throws {
        var ends: [CInt] = [0, 0]
        guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw LaboratoryError("socketpair: errno \(errno)")
        }
        lifeline = ends[0]
        let spawned = Result {
            try spawn(
                "unshare",
                ["unshare"] + Self.becomingRoot + ["--mount-proc", "--net", "--pid", "--fork", "--kill-child"]
                    + ["bash", "-c", Self.keeping, Self.folder], descriptors: [ends[1], ends[1], STDERR_FILENO])
        }
        // Before the read, which would else never see the end of a keeper that could not start.
        close(ends[1])
        keeper = try spawned.get()
        var isReady: UInt8 = 0
        guard read(lifeline, &isReady, 1) == 1 else { throw LaboratoryError("the laboratory does not open") }
        for machine in machines { try shell("ip netns add $0 && ip -n $0 link set lo up", machine) }
    }

    /// Bash, as the first process of all, also takes leave of the daemons that were killed.
    private static let keeping = """
        mount -t tmpfs -o mode=755 laboratory /run && mkdir -m 700 "$0" && ip link set lo up && echo && read -r
        """

    deinit {
        close(lifeline)
        var status: CInt = 0
        waitpid(keeper, &status, 0)
    }

    /// Runs a program here, or on one of the machines.
    func run(
        _ program: String, _ arguments: [String], on machine: String? = nil, input: String = ""
    ) throws -> RunResult {
        try TestSupport.run(
            "nsenter", entering(machine) + [program] + arguments, input: Array(input.utf8), timeout: 30)
    }

    /// Starts one with these as its standard descriptors. It ends with the laboratory, but is the caller's to wait for.
    func start(_ program: String, _ arguments: [String], on machine: String, descriptors: [CInt]) throws -> pid_t {
        try spawn("nsenter", ["nsenter"] + entering(machine) + [program] + arguments, descriptors: descriptors)
    }

    private func entering(_ machine: String?) -> [String] {
        let pids = "--pid=/proc/\(keeper)/ns/pid_for_children"
        let going = machine.map { ["ip", "netns", "exec", $0] } ?? []
        return ["--target", "\(keeper)"] + Self.asRoot + ["--mount", "--net", pids, "--"] + going
    }

    /// Runs a line of shell that must succeed. `arguments` are its $0, $1 and so on.
    @discardableResult
    func shell(_ line: String, _ arguments: String..., on machine: String? = nil, input: String = "") throws -> String {
        let result = try run("bash", ["-c", line] + arguments, on: machine, input: input)
        guard result.status == 0 else {
            throw LaboratoryError("\(line) \(arguments): status \(result.status)\n\(result.out)\(result.err)")
        }
        return result.out
    }

    /// The network of a machine, for threads of the tests.
    func network(of machine: String) -> NetworkNamespace {
        NetworkNamespace(at: outerPath("/run/netns/\(machine)"))
    }

    /// Where the tests find a file of the laboratory's.
    func outerPath(_ path: String) -> String { "/proc/\(keeper)/root\(path)" }

    /// Where a file of this name is, for the programs run here.
    func path(_ name: String) -> String { Self.folder + name }

    /// Writes a file that only its owner reads.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        try shell("umask 077; cat >\"$0\"", path(name), input: text)
        return path(name)
    }
}

extension Laboratory {
    /// Whether there is all that these tests need.
    static let isPossible = obstacle.rawValue.isEmpty

    /// What is missing.
    static let obstacle: Comment = {
        if !Places.exists("/dev/net/tun") { return "needs /dev/net/tun" }
        if !Tool.allCases.allSatisfy({ Places.exists($0.path) }) { return "needs our wg and a reference" }
        if Daemon.representatives.count < 2 { return "needs our daemon and a wireguard-go" }
        if (try? Laboratory(machines: ["machine"])) == nil { return "needs root, or user namespaces" }
        return ""
    }()
}

extension Laboratory {
    /// Whether threads of the tests can enter the machines' networks as well.
    static let isOpen = isPossible && Arena.isPossible

    static let barrier: Comment = isPossible ? "needs to be root, or in a user namespace" : obstacle
}

struct LaboratoryError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
