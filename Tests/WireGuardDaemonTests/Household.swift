import Glibc
import TestSupport
import Testing

/// A machine apart for one script: its own network, mounts and processes, and an empty /run. Whatever was
/// started in it ends with the script.
enum Household {
    /// Our daemon: `WIREGUARD_SWIFT_UNDER_TEST`, else the one of the same build as these tests.
    static let daemon = Places.environment("WIREGUARD_SWIFT_UNDER_TEST") ?? folderOfTests + "/wireguard-swift"

    /// What is missing for these tests; empty for nothing.
    static let obstacle: Comment = {
        if !Places.exists("/dev/net/tun") { return "needs /dev/net/tun" }
        if !Places.exists(daemon) { return "needs our wireguard-swift" }
        let trial = try? run(
            "unshare", ["--mount", "--net", "--pid", "--fork", "mount", "-t", "tmpfs", "trial", "/run"])
        return trial?.status == 0 ? "" : "needs root"
    }()

    static let isPossible = obstacle.rawValue.isEmpty

    /// Bash cannot connect to sockets in the file system.
    static let hasPython = (try? run("python3", ["--version"]).status) == 0

    /// What a script of bash prints. In it `$daemon` is ours, `$socket` that of wg0, and some functions help.
    static func output(_ script: String) throws -> [String] {
        let result = try run(
            "unshare",
            [
                "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", prelude + script,
                daemon,
            ],
            timeout: 60)
        return (result.out + result.err).split(separator: "\n").map(String.init)
    }

    /// `number NAME` prints the process that serves an interface, `gone NUMBER` waits for its end, for a while,
    /// `left` lists the remains of daemons, `ask REQUEST` prints the answer of wg0, and `ready` waits until it answers.
    private static let prelude = """
        export WG_SANDBOX=${WG_SANDBOX:-kill}
        daemon=$0 socket=/run/wireguard/wg0.sock
        mount -t tmpfs -o mode=755 household /run && ip link set lo up
        number() { pgrep -f "^$daemon (-f )?$1$"; }
        gone() { for ((turn = 0; turn < 1000; turn++)); do kill -0 "$1" 2>/dev/null || return 0; sleep 0.01; done; echo "does not end"; }
        ask() { printf "$1" | socat -t 20 - UNIX-CONNECT:$socket | sed '/^$/d'; }
        ready() { for ((turn = 0; turn < 1000; turn++)); do [ -S $socket ] && return 0; sleep 0.01; done; echo "does not start"; }
        left() { ls -A /run/wireguard; ip -o link show type tun | cut -d: -f2; }

        """

    private static let folderOfTests: String = {
        var path = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &path, path.count - 1)
        let own = String(decoding: path[..<max(count, 0)].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }()
}
