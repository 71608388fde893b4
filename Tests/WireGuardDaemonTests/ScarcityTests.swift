import TestSupport
import Testing
import WireGuardDaemon

/// With any resource used up the daemon serves, or it reports why, exits with status 1, and leaves nothing behind.
@Suite("The daemon where something has run out", .enabled(if: Household.isPossible, Household.obstacle))
struct ScarcityTests {
    @Test("with any number of descriptors it takes a port and changes it, or does not start")
    func descriptors() throws {
        let output = try Household.output(
            """
            for ((limit = 6; limit <= 60; limit++)); do
                said=$( (ulimit -n $limit; exec "$daemon" wg0 </dev/null) 2>&1); status=$?
                if [ "$status $said" = "0 " ]; then
                    ask 'set=1\nlisten_port=5000\n\n' && ip link set wg0 up && ask 'set=1\nlisten_port=5001\n\n'
                    ask 'get=1\n\n' | grep listen_port; pid=$(number wg0); kill $pid; gone $pid
                else
                    echo "$status ${said##*: T}"
                fi
                left
            done 2>&1 | uniq
            """)
        // With few descriptors it never starts, with more it always does.
        let serving = ["errno=0", "listen_port=5001"]
        #expect(output.first == "1 oo many open files: allow more open files (`ulimit -n')")
        #expect(output.count == 1 + serving.count * ((output.count - 1) / 2) && output.count > 8)
        for start in stride(from: 1, to: output.count - 1, by: 2) {
            #expect(Array(output[start..<(start + 2)]) == serving, "\(output)")
        }
    }

    @Test("64 threads and 256 descriptors: as many threads as leave room for every change of the port")
    func threads() throws {
        let output = try Household.output(
            """
            (ulimit -n 256; WG_THREADS=64 exec "$daemon" wg0 2>&1 </dev/null); echo $?
            ask 'set=1\nlisten_port=5000\n\n'; ip link set wg0 up; ask 'set=1\nlisten_port=5001\n\n'
            ask 'get=1\n\n' | grep listen_port
            cat /proc/$(number wg0)/task/*/comm | grep -c worker
            """)
        #expect(
            output == [
                "wireguard-swift: wg0: 256 open files are enough for 30 of 64 threads: allow more (`ulimit -n')", "0",
                "errno=0", "errno=0", "listen_port=5001", "30",
            ])
    }

    @Test("a port that cannot be opened later is refused in the answer and the log, and the old one stays")
    func laterPort() throws {
        let output = try Household.output(
            """
            "$daemon" -f wg0 2>/run/log & pid=$!; ready; ask 'set=1\nlisten_port=5000\n\n'
            # Room for the client and nothing else.
            limit=0 free=0
            until ((free == 2)); do [ -e /proc/$pid/fd/$limit ] || ((++free)); ((++limit)); done
            prlimit --pid $pid --nofile=$((limit - 1))
            ask 'set=1\nlisten_port=5001\n\n'; ask 'get=1\n\n'; cat /run/log
            kill $pid; wait $pid; echo $?; left
            """)
        #expect(
            output == [
                "errno=0", "errno=-24", "listen_port=5000", "errno=0",
                "wireguard-swift: wg0: Cannot listen on port 5001: Too many open files", "0",
            ])
    }

    @Test("no further process or thread", arguments: [("", "fork"), ("-f", "tunnel")])
    func processes(_ mode: String, _ step: String) throws {
        let output = try Household.output(
            """
            mkdir -m 700 /run/wireguard; chown 65534 /run/wireguard; chmod 666 /dev/net/tun 2>/dev/null
            setpriv --reuid 65534 --clear-groups --inh-caps +net_admin --ambient-caps +net_admin \\
                prlimit --nproc=1 "$daemon" \(mode) wg0 2>&1; echo $?; left
            """)
        #expect(output.count == 2 && output.last == "1")
        #expect(output[0].hasPrefix("wireguard-swift: \(step): Resource temporarily unavailable: allow more processes"))
    }

    @Test(
        "no room for a socket, or no right to write",
        arguments: [("nr_inodes=1", "No space left on device"), ("ro", "Read-only file system")])
    func folders(_ option: String, _ reason: String) throws {
        let output = try Household.output(
            """
            mkdir /run/wireguard; mount -t tmpfs -o \(option) full /run/wireguard
            for mode in '' -f; do "$daemon" $mode wg0 2>&1; echo $?; done; left
            """)
        let refusal = "wireguard-swift: /var/run/wireguard/wg0.sock: \(reason)"
        #expect(output == [refusal, "1", refusal, "1"])
    }

    @Test("a log that nobody reads, or that must not grow, keeps it neither from serving nor from ending")
    func log() throws {
        let output = try Household.output(
            """
            mkfifo /run/fifo; sleep 60 </run/fifo & exec 5>/run/fifo
            dd if=/dev/zero of=/run/fifo oflag=nonblock bs=4096 count=100 2>/dev/null
            LOG_LEVEL=verbose "$daemon" -f wg0 2>&5 & pid=$!; ready; ask 'set=1\nlisten_port=5000\n\n'
            kill $pid; gone $pid; left
            (ulimit -f 1; LOG_LEVEL=verbose exec "$daemon" -f wg0 2>/run/log) & pid=$!; ready
            head -c 1048576 /dev/zero >>/run/log; ask 'set=1\nlisten_port=5000\n\n'
            kill $pid; wait $pid; echo $?; left
            """)
        #expect(output == ["errno=0", "errno=0", "0"])
    }

    /// The limit of a user namespace does not change the machine's.
    @Test("no inotify: the removal of the socket is noticed all the same")
    func inotify() throws {
        let output = try Household.output(
            """
            export daemon socket; export -f ready gone
            unshare --user --map-root-user --mount --net bash -c '
                echo 0 >/proc/sys/user/max_inotify_instances && mount -t tmpfs none /run || exit
                LOG_LEVEL=verbose "$daemon" -f wg0 >/run/log 2>&1 & pid=$!; ready; grep -c "inotify is used up" /run/log
                rm $socket; gone $pid; wait $pid; echo $?; ls /run/wireguard'
            """)
        #expect(output == ["1", "0"])
    }
}
