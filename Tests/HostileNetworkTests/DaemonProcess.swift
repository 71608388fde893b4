import Glibc
import TestSupport

/// Our daemon in the foreground, for one interface; it is killed at the latest when nobody refers to it any more.
final class DaemonProcess {
    let pid: pid_t
    private let log: String
    private var isGone = false

    /// Waits until its socket answers.
    init(_ interface: String, _ environment: [String: String]) throws {
        log = "\(Arena.files)/\(interface).log"
        let output = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        let input = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { for descriptor in [input, output] { close(descriptor) } }
        pid = try spawn(
            Places.daemon, ["wireguard-swift", "-f", interface],
            environment: [
                "PATH": Places.environment("PATH") ?? "/usr/sbin:/usr/bin:/sbin:/bin", "WG_SANDBOX": "kill",
            ].merging(environment) { $1 },
            descriptors: [input, output, output])
        guard waits(until: { ControlConnection.isPossible(to: interface) || !isRunning }), isRunning else {
            throw RunError(description: "the daemon does not answer: \(complaints)")
        }
    }

    deinit { kill() }

    /// At once, and without giving it the chance to say goodbye.
    func kill() {
        guard !isGone else { return }
        Glibc.kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
        isGone = true
    }

    var isRunning: Bool {
        guard !isGone else { return false }
        isGone = waitpid(pid, nil, WNOHANG) == pid
        return !isGone
    }

    /// What it wrote to its standard error.
    var complaints: String { contents(of: log) }

    /// A line of its status.
    func kilobytes(_ name: String) -> Int {
        for line in contents(of: "/proc/\(pid)/status").split(separator: "\n") where line.hasPrefix(name) {
            return Int(line.split(whereSeparator: { " \t".contains($0) })[1])!
        }
        return 0
    }

    /// Whether all its threads do.
    var sleeps: Bool {
        names(in: "/proc/\(pid)/task").allSatisfy { thread in
            // The state stands behind the name, which is in brackets.
            contents(of: "/proc/\(pid)/task/\(thread)/stat").split(separator: ")").last?.hasPrefix(" S") ?? false
        }
    }
}
