import TestSupport
import Testing
import WireGuardDaemon

@Suite("The daemon as a process", .enabled(if: Household.isPossible, Household.obstacle))
struct DaemonTests {
    @Test("the shell goes on when interface and socket are there, and nothing of the terminal is kept")
    func start() throws {
        let output = try Household.output(
            """
            said=$("$daemon" wg0 2>&1)
            echo "$? [$said]"
            stat -c '%a %F' /run/wireguard $socket
            ip -o link show wg0 | grep -o 'mtu [0-9]*'
            pid=$(number wg0)
            readlink /proc/$pid/cwd /proc/$pid/fd/{0,1,2}
            cut -d' ' -f4,6,7 /proc/$pid/stat | sed "s/$pid/itself/"
            """)
        #expect(
            output == [
                "0 []", "700 directory", "600 socket", "mtu 1420", "/", "/dev/null", "/dev/null", "/dev/null",
                "1 itself 0",
            ])
    }

    @Test(
        "it ends cleanly, whatever ends it",
        arguments: [
            "kill -TERM $pid", "kill -INT $pid", "kill -HUP $pid", "ip link delete wg0", "rm $socket",
            "mv $socket /run/elsewhere", "rm -r /run/wireguard && mkdir /run/wireguard",
        ])
    func end(_ cause: String) throws {
        #expect(try Household.output("$daemon wg0; pid=$(number wg0); \(cause); gone $pid; left") == [])
        let status =
            "$daemon -f wg0 & pid=$!; until [ -S $socket ]; do sleep 0.01; done; \(cause); wait $pid; echo $?; left"
        #expect(try Household.output(status) == ["0"])
    }

    @Test("a second one for the same name is refused, and the first goes on")
    func second() throws {
        let output = try Household.output(
            "$daemon wg0; $daemon wg0; echo $?; $daemon -f wg0; echo $?; number wg0 | wc -l; left")
        let refusal =
            "wireguard-swift: wg0 is already running: end it by removing /var/run/wireguard/wg0.sock, or choose another name"
        // What is said on standard error comes last here.
        #expect(output == ["1", "1", "1", "wg0.sock", " wg0", refusal, refusal])
    }

    @Test("of many that start at once one runs")
    func race() throws {
        let output = try Household.output(
            """
            for turn in {1..5}; do
                for each in {1..6}; do $daemon wg0 2>/dev/null && echo started & done; wait
                number wg0 | wc -l; left; pid=$(number wg0); kill $pid; gone $pid
            done
            """)
        #expect(output == Array(repeating: ["started", "1", "wg0.sock", " wg0"], count: 5).flatMap { $0 })
    }

    @Test("what one that crashed left behind is taken over")
    func crash() throws {
        let output = try Household.output(
            "$daemon wg0; pid=$(number wg0); kill -KILL $pid; gone $pid; left; $daemon wg0; echo $?; left")
        #expect(output == ["wg0.sock", "0", "wg0.sock", " wg0"])
    }

    @Test("its interface may move to another network namespace at once, and ends it from there")
    func move() throws {
        let output = try Household.output(
            """
            ip netns add far
            for turn in {1..10}; do
                $daemon wg0 && ip link set wg0 netns far && [ -S $socket ] || echo "turn $turn fails"
                pid=$(number wg0)
                ip -n far link set wg0 up
                ip -n far link delete wg0
                gone $pid; left
            done
            """)
        #expect(output == [])
    }

    @Test("it keeps two capabilities, and no way to others")
    func privileges() throws {
        let output = try Household.output(
            "$daemon wg0; grep -hE '^(Cap|NoNewPrivs)' /proc/$(number wg0)/task/*/status | tr -d '\\t' | sort | uniq")
        #expect(
            output == [
                "CapAmb:0000000000000000", "CapBnd:0000000000001400", "CapEff:0000000000001400",
                "CapInh:0000000000000000", "CapPrm:0000000000001400", "NoNewPrivs:1",
            ])
    }

    @Test("with nothing but CAP_NET_ADMIN it runs for another user than root")
    func otherUser() throws {
        let output = try Household.output(
            """
            mkdir -m 700 /run/wireguard; chown 65534 /run/wireguard; chmod 666 /dev/net/tun 2>/dev/null
            setpriv --reuid 65534 --clear-groups --inh-caps +net_admin --ambient-caps +net_admin \\
                --bounding-set -all,+net_admin "$daemon" wg0; echo $?
            pid=$(number wg0); grep CapEff /proc/$pid/status; kill $pid; gone $pid; left
            """)
        #expect(output == ["0", "CapEff:\t0000000000001000"])
    }

    @Test(
        "what its user can mend is told with the cure, and leaves nothing behind",
        arguments: [
            ("mount -t tmpfs nothing /dev/net", "modprobe tun"),
            ("ip link add wg0 type veth peer other", "ip link delete dev wg0"),
            ("mkdir -p $socket", "remove it"), ("daemon='setpriv --reuid 65534 --clear-groups '$daemon", "run as root"),
        ])
    func failures(_ obstacle: String, _ cure: String) throws {
        let output = try Household.output(
            "\(obstacle); for mode in '' -f; do $daemon $mode wg0 </dev/null; echo $?; done 2>&1")
        try #require(output.count == 4)
        #expect(output[1] == "1" && output[3] == "1" && output[0] == output[2])
        #expect(output[0].hasPrefix("wireguard-swift: ") && output[0].contains(cure), "\(output[0])")
        #expect(
            try Household.output(
                "\(obstacle); $daemon wg0 2>/dev/null; number wg0; ls -A /run/wireguard 2>/dev/null | grep -v '^wg0.sock$'"
            ) == [])
    }

    @Test("help and version go to standard output, usage to standard error")
    func words() throws {
        #expect(try Household.output("$daemon --version 2>&-") == [Daemon.version])
        #expect(
            try Household.output("$daemon --help 2>&-")
                == DaemonFailure.usageText.split(separator: "\n").map(String.init))
        #expect(
            try Household.output("$daemon 2>&1 >&-; echo $?")
                == DaemonFailure.usageText.split(separator: "\n").map(String.init) + ["1"])
    }

    @Test("it says as much as it is asked to")
    func log() throws {
        func lines(_ level: String) throws -> [String] {
            try Household.output("(ready; rm $socket) & LOG_LEVEL=\(level) $daemon -f wg0 2>&1; wait")
        }
        #expect(try lines("error") == [] && lines("silent") == [] && lines("") == [])
        let verbose = try lines("verbose")
        #expect(verbose.contains("wireguard-swift: wg0: debug: ready"))
        #expect(verbose.allSatisfy { $0.hasPrefix("wireguard-swift: wg0: ") })
    }

    @Test("few descriptors are enough for everybody", .enabled(if: Household.hasPython, "needs python3"))
    func fewDescriptors() throws {
        let output = try Household.output(
            """
            (ulimit -n 48; $daemon wg0; echo $?)
            python3 - <<'END'
            import socket
            def call():
                client = socket.socket(socket.AF_UNIX); client.settimeout(10); client.connect("/run/wireguard/wg0.sock"); return client
            crowd = [call() for _ in range(60)]
            client = call(); client.send(b"get=1\\n\\n"); print(client.recv(1000).endswith(b"errno=0\\n\\n"))
            END
            pid=$(number wg0); kill $pid; gone $pid; left
            """)
        #expect(output == ["0", "True"])
    }
}
