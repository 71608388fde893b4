import TestSupport
import Testing

/// A userspace daemon: ours, or a `wireguard-go`.
enum Daemon: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case debian, newest, ours

    static let installed = allCases.filter { Places.exists($0.path) }

    /// Ours and one that is not.
    static let representatives = installed.filter { $0 == .ours || $0 == installed[0] }

    var path: String {
        switch self {
        case .debian: "/usr/bin/wireguard-go"
        case .newest: Places.peers + "/wireguard-go"
        case .ours: Places.daemon
        }
    }

    /// Whether it takes a single allowed-ip away.
    var takesRemovals: Bool { self != .debian }

    var testDescription: String { rawValue }
}

/// A process of a laboratory, by its number there.
struct Process {
    let number: String
    let laboratory: Laboratory

    /// Kills it and waits until it is gone.
    func kill() throws {
        try laboratory.shell("kill -KILL $0", number)
        try wait()
    }

    func wait() throws { try laboratory.shell("while kill -0 $0 2>/dev/null; do sleep 0.01; done", number) }
}

extension Laboratory {
    /// Starts a daemon and waits until it listens. `environment` is for the daemon: NAME=VALUE.
    @discardableResult
    func start(
        _ daemon: Daemon, _ interface: String, on machine: String? = nil, environment: [String] = []
    ) throws -> Process {
        let starting = daemon == .ours ? Self.startingOurs : Self.startingOthers
        let arguments = [path("log"), interface, daemon.path]
        let result = try run(
            "bash",
            ["-c", starting] + arguments + ["env"] + (daemon == .ours ? ["WG_SANDBOX=kill"] : []) + environment
                + arguments.suffix(1), on: machine)
        guard result.status == 0, let number = result.out.lines.last else {
            throw LaboratoryError(
                "\(daemon) does not start: \(result.err)\(result.out)\(try shell("cat $0", path("log")))")
        }
        return Process(number: number, laboratory: self)
    }

    /// It goes to the background when it listens.
    private static let startingOurs = """
        LOG_LEVEL=verbose "${@:3}" "$1" </dev/null >>"$0" 2>&1 || exit
        for process in /proc/[0-9]*; do
            [[ $(tr "\\0" " " <"$process/cmdline") == "$2 $1 " ]] && echo "${process#/proc/}"
        done 2>/dev/null
        true
        """

    /// Not by asking: between their bind and their listen a `wg` would take the socket for a stale one and remove it.
    private static let startingOthers = """
        WG_PROCESS_FOREGROUND=1 "${@:3}" "$1" </dev/null >>"$0" 2>&1 &
        until grep -q " 00010000 .*/$1.sock$" /proc/net/unix; do kill -0 $! && sleep 0.01 || exit; done
        echo $!
        """
}
