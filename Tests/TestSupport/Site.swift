import Glibc

/// Some machines apart from this one, with cables between them. What was started on them ends, and every trace of
/// it goes, when the site does, or when the tests end in whatever way.
package final class Site: Sendable {
    private let keeper: pid_t
    /// The keeper reads from the other end, and with it the first process of the site ends.
    private let lifeline: CInt

    /// Those who are not root may be it in a user namespace.
    private static let becomingRoot = geteuid() == 0 ? [] : ["--map-root-user"]
    private static let asRoot = geteuid() == 0 ? [] : ["--user", "--preserve-credentials"]

    package init() throws {
        var ends: [CInt] = [0, 0]
        guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw RunError(description: "socketpair: errno \(errno)")
        }
        lifeline = ends[0]
        let spawned = Result {
            try spawn(
                "unshare",
                ["unshare"] + Self.becomingRoot + ["--mount-proc", "--net", "--pid", "--fork", "--kill-child"]
                    + ["bash", "-c", "mount -t tmpfs -o mode=755 site /run && ip link set lo up && echo && read -r"],
                descriptors: [ends[1], ends[1], STDERR_FILENO])
        }
        // Before the read, which would else never see the end of a keeper that could not start.
        close(ends[1])
        keeper = try spawned.get()
        var isReady: UInt8 = 0
        guard read(lifeline, &isReady, 1) == 1 else { throw RunError(description: "the site does not open") }
    }

    deinit {
        close(lifeline)
        var status: CInt = 0
        waitpid(keeper, &status, 0)
    }

    /// A new machine with our programs where `make install` puts them, no configuration, and no network but loopback.
    package func machine(_ name: String) throws -> Machine {
        let number = try shell(Self.starting, [name, Self.living, Places.wg, Places.quick, Places.daemon])
        return Machine(name: name, number: number.split(separator: "\n").joined(), site: self)
    }

    private static let starting = """
        unshare --mount-proc --net --pid --fork --kill-child bash -c "$1" "$@" </dev/null >"/run/$0" 2>"/run/$0.errors" &
        until [[ -s /run/$0 ]]; do
            kill -0 $! && sleep 0.01 || { cat "/run/$0.errors" >&2; exit 1; }
        done
        echo $!
        """

    /// Folders that a machine has for itself. Most of their contents would lead the programs here astray.
    private static let living = """
        set -e
        for folder in /run /etc/wireguard /etc/bird /etc/systemd/system /usr/local; do
            [[ ! -d $folder ]] || mount -t tmpfs -o mode=755 machine "$folder"
        done
        mkdir /run/bird /usr/local/bin /usr/local/sbin
        ln -s "$1" /usr/local/bin/wg
        ln -s "$2" /usr/local/bin/wg-quick
        ln -s "$3" /usr/local/bin/wireguard-swift
        ip link set lo up
        echo
        while :; do sleep infinity & wait; done
        """

    /// A switch, into which machines are plugged.
    package func addSwitch(_ name: String) throws {
        try shell("ip link add $0 type bridge mcast_snooping 0 && ip link set $0 up", [name])
    }

    /// Runs a line that must succeed, outside of all machines. `arguments` are its $0, $1 and so on.
    @discardableResult
    fileprivate func shell(_ line: String, _ arguments: [String]) throws -> String {
        try run(["bash", "-c", line] + arguments).checked(line)
    }

    fileprivate func run(_ command: [String], input: String = "") throws -> RunResult {
        let going =
            ["--target", "\(keeper)"] + Self.asRoot + ["--mount", "--net", "--pid=/proc/\(keeper)/ns/pid_for_children"]
        return try TestSupport.run("nsenter", going + ["--"] + command, input: Array(input.utf8), timeout: 60)
    }
}

extension Site {
    /// Whether there is all that a site with tunnels needs.
    package static let isPossible = lack.isEmpty

    /// What is missing.
    package static let lack: String = {
        if !Places.exists("/dev/net/tun") { return "needs /dev/net/tun" }
        if ![Places.wg, Places.quick, Places.daemon].allSatisfy(Places.exists) { return "needs our programs" }
        if (try? Site().machine("machine")) == nil { return "needs root, or user namespaces" }
        return ""
    }()
}

/// A machine of a site.
package struct Machine: Sendable {
    package let name: String
    /// Of the process that has the machine's namespaces, as the site counts.
    fileprivate let number: String
    private let site: Site

    fileprivate init(name: String, number: String, site: Site) {
        (self.name, self.number, self.site) = (name, number, site)
    }

    /// Plugs a new `link` into a switch.
    package func connect(_ link: String, to plug: String, address: String) throws {
        let line = """
            ip link add "$0" netns "$1" type veth peer name "$3-$4" && ip link set "$3-$4" master "$2" up
            """
        try site.shell(line, [link, number, plug, name, String(plug.prefix(3))])
        try shell("ip address add $1 dev $0 && ip link set $0 up", link, address)
    }

    /// Runs a line of bash.
    package func run(_ line: String, _ arguments: String..., input: String = "") throws -> RunResult {
        try run(line, arguments, input)
    }

    /// Runs a line of bash that must succeed. `arguments` are its $0, $1 and so on.
    @discardableResult
    package func shell(_ line: String, _ arguments: String..., input: String = "") throws -> String {
        try run(line, arguments, input).checked("\(name): \(line)")
    }

    private func run(_ line: String, _ arguments: [String], _ input: String) throws -> RunResult {
        let processes = "--pid=/proc/\(number)/ns/pid_for_children"
        let entering = ["nsenter", "--target", number, "--mount", "--net", processes, "--"]
        return try site.run(entering + ["env", "PATH=" + Self.path, "bash", "-c", line] + arguments, input: input)
    }

    private static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Writes a file that only root reads.
    package func write(_ text: String, to path: String) throws {
        try shell("umask 077; cat >\"$0\"", path, input: text)
    }
}

extension RunResult {
    fileprivate func checked(_ line: String) throws -> String {
        guard status == 0 else { throw RunError(description: "\(line): status \(status)\n\(out)\(err)") }
        return out
    }
}
