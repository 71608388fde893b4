import TestSupport
import Testing

/// A `wireguard-go`.
enum Daemon: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case debian, newest

    static let installed = allCases.filter { Places.exists($0.path) }

    var path: String {
        switch self {
        case .debian: "/usr/bin/wireguard-go"
        case .newest: Places.peers + "/wireguard-go"
        }
    }

    /// Whether it takes a single allowed-ip away.
    var takesRemovals: Bool { self == .newest }

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
    /// Starts a daemon and waits until it listens, without asking it: between its bind and its listen a `wg`
    /// would take the socket for a stale one and remove it.
    @discardableResult
    func start(_ daemon: Daemon, _ interface: String, on machine: String? = nil) throws -> Process {
        let number = try shell(
            """
            WG_PROCESS_FOREGROUND=1 "$0" "$1" </dev/null >>"$2" 2>&1 &
            until grep -q " 00010000 .*/$1.sock$" /proc/net/unix; do kill -0 $! && sleep 0.01 || exit; done
            echo $!
            """, daemon.path, interface, path("log"), on: machine)
        return Process(number: number.lines[0], laboratory: self)
    }
}
