import TestSupport
import Testing
import WireGuardDaemon

/// Descriptors, signals, interfaces and processor limits that the daemon inherits or finds.
@Suite("The daemon and what is there before it", .enabled(if: Household.isPossible, Household.obstacle))
struct SurroundingsTests {
    @Test(
        "without standard streams it starts and serves, and takes nothing else for them",
        arguments: ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
    func closedStreams(_ closing: String) throws {
        let output = try Household.output(
            """
            "$daemon" wg0 \(closing); echo $?; pid=$(number wg0)
            readlink /proc/$pid/fd/{0,1,2}; ask 'get=1\n\n'; kill $pid; gone $pid; left
            "$daemon" -f wg0 \(closing) & pid=$!; ready; ask 'get=1\n\n'
            readlink /proc/$pid/fd/{0,1,2} | grep -v -e / -e pipe; kill $pid; wait $pid; echo $?; left
            """)
        #expect(output == ["0", "/dev/null", "/dev/null", "/dev/null", "errno=0", "errno=0", "0"])
    }

    @Test(
        "a socket and an interface that it inherits may be standard streams",
        .enabled(if: Household.hasPython, "needs python3"))
    func inheritedStreams() throws {
        let output = try Household.output(
            """
            mkdir /run/wireguard; ip tuntap add dev wg0 mode tun
            python3 - "$daemon" <<'END'
            import fcntl, os, socket, struct, sys
            listener = socket.socket(socket.AF_UNIX); listener.bind("/run/wireguard/wg0.sock"); listener.listen(5)
            tun = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(tun, 0x400454ca, struct.pack("16sH22x", b"wg0", 0x5001))
            os.dup2(listener.fileno(), 0); os.dup2(tun, 1); os.close(tun); os.environ.update(WG_UAPI_FD="0", WG_TUN_FD="1")
            os.execv(sys.argv[1], [sys.argv[1], "wg0"])
            END
            echo $?; ask 'set=1\nlisten_port=5000\n\n'; pid=$(number wg0); readlink /proc/$pid/fd/{0,1,2}; kill $pid; gone $pid
            """)
        #expect(output == ["0", "errno=0", "/dev/null", "/dev/null", "/dev/null"])
    }

    @Test("under nohup the end of the terminal does not end it, and all else does", arguments: ["TERM", "INT"])
    func nohup(_ signal: String) throws {
        let output = try Household.output(
            """
            nohup "$daemon" wg0 2>/dev/null; pid=$(number wg0); kill -HUP $pid; sleep 0.5; ask 'get=1\n\n'
            kill -\(signal) $pid; gone $pid; left
            """)
        #expect(output == ["errno=0"])
    }

    /// wireguard-go does so, too. Shells start background jobs (`&`) with SIGINT ignored.
    @Test("signals that were ignored at its start end it all the same", arguments: ["TERM", "INT"])
    func ignoredSignals(_ signal: String) throws {
        let output = try Household.output(
            """
            (trap '' TERM INT; exec "$daemon" wg0); pid=$(number wg0); kill -\(signal) $pid; gone $pid; left
            """)
        #expect(output == [])
    }

    @Test("it starts at once when the one before has just been told to end", arguments: ["TERM", "KILL"])
    func takesOver(_ signal: String) throws {
        let output = try Household.output(
            """
            for turn in {1..10}; do
                "$daemon" wg0 || echo "turn $turn fails"
                # One that is about to be gone may be found, too.
                kill -\(signal) $(number wg0) 2>/dev/null
            done
            "$daemon" wg0; echo $?; left; ask 'get=1\n\n'
            """)
        #expect(output == ["0", "wg0.sock", " wg0", "errno=0"])
    }

    @Test("a start that is ended by a signal leaves nothing behind, whenever it comes", arguments: ["", "-f"])
    func interrupted(_ mode: String) throws {
        let output = try Household.output(
            """
            for turn in {1..60}; do
                "$daemon" \(mode) wg0 & pid=$!; sleep 0.0$((turn % 6))$((turn % 7)); kill -TERM $pid; wait $pid; status=$?
                # One that was ready before the signal serves. One whose program the signal found unready to hear it is gone.
                case $status in
                0) number=$(number wg0) && { kill $number; gone $number; } ;;
                143) ;;
                *) echo "status $status" ;;
                esac
                left
            done 2>/dev/null
            """)
        #expect(output == [])
    }

    @Test("where others can read the folder they cannot keep it from starting and ending")
    func foreignLock() throws {
        let output = try Household.output(
            """
            mkdir -m 755 /run/wireguard
            setpriv --reuid 65534 --clear-groups flock /run/wireguard sh -c 'echo locked; exec sleep 60' >/run/locked &
            until [ -s /run/locked ]; do sleep 0.01; done
            "$daemon" wg0; echo $?; pid=$(number wg0); kill $pid; gone $pid; left
            """)
        #expect(output == ["0"])
    }

    // MARK: Interfaces

    @Test(
        "an interface made by ip tuntap is used, with as many queues as it may have, and stays",
        arguments: [("", 1), ("multi_queue", 2), ("vnet_hdr", 1), ("multi_queue vnet_hdr", 2), ("pi", 1)])
    func persistent(_ flags: String, _ queues: Int) throws {
        let output = try Household.output(
            """
            ip tuntap add dev wg0 mode tun \(flags)
            for turn in 1 2; do
                WG_THREADS=2 "$daemon" wg0; echo $?; ask 'get=1\n\n'; ip -o link show wg0 | grep -o 'mtu [0-9]*'
                pid=$(number wg0); cat /proc/$pid/task/*/comm | grep -c worker; kill $pid; gone $pid; left
            done
            """)
        let turn = ["0", "errno=0", "mtu 1420", "\(queues)", " wg0"]
        #expect(output == turn + turn)
    }

    @Test("a persistent interface may be up already, and keeps an MTU that somebody chose")
    func persistentAndUp() throws {
        let output = try Household.output(
            """
            ip tuntap add dev wg0 mode tun && ip link set wg0 mtu 1300 up
            "$daemon" wg0; echo $?; ip -o link show wg0 | grep -o 'mtu [0-9]*'; ask 'get=1\n\n' | sed 's/=[1-9].*/=some/'
            """)
        #expect(output == ["0", "mtu 1300", "listen_port=some", "errno=0"])
    }

    @Test("whom a persistent interface belongs to needs no capability")
    func owner() throws {
        let output = try Household.output(
            """
            mkdir -m 700 /run/wireguard; chown 65534 /run/wireguard; chmod 666 /dev/net/tun 2>/dev/null
            ip tuntap add dev wg0 mode tun user 65534
            setpriv --reuid 65534 --clear-groups --inh-caps -all --bounding-set -all "$daemon" wg0; echo $?
            grep CapEff /proc/$(number wg0)/status; ask 'get=1\n\n'
            """)
        #expect(output == ["0", "CapEff:\t0000000000000000", "errno=0"])
    }

    /// Its socket is hidden, so that only its queues show that it is in use.
    @Test("an interface that somebody uses, or of another kind, is left alone")
    func inUse() throws {
        let output = try Household.output(
            """
            for kind in 'mode tun multi_queue' 'mode tun'; do
                ip tuntap add dev wg0 $kind; "$daemon" wg0; mount -t tmpfs none /run/wireguard
                before=$(ip -o -d link show wg0); "$daemon" wg0 2>&1; echo $?
                [ "$(ip -o -d link show wg0)" = "$before" ] || echo changed
                umount /run/wireguard; ask 'get=1\n\n'; pid=$(number wg0); kill $pid; gone $pid; ip link delete wg0
            done
            ip tuntap add dev wg0 mode tap; "$daemon" wg0 2>&1; echo $?
            """)
        let refusal = """
            wireguard-swift: Interface `wg0' exists already: \
            choose another name, or remove it with `ip link delete dev wg0'
            """
        #expect(output == [refusal, "1", "errno=0", refusal, "1", "errno=0", refusal, "1"])
    }

    @Test("%d in the name becomes the first number that is free, which it prints", arguments: ["", "-f"])
    func numbered(_ mode: String) throws {
        let output = try Household.output(
            """
            ip tuntap add dev wg0 mode tun; ip netns add far
            "$daemon" wg%d; ip link set wg1 netns far
            # There is no wg1 here any more, but its socket.
            "$daemon" \(mode) wg%d >/run/said & until [ -s /run/said ]; do sleep 0.01; done; cat /run/said; left
            LOG_LEVEL=verbose "$daemon" a%dz >/run/said 2>&1; until grep -q ready /run/said; do sleep 0.01; done
            grep -v ': debug: [^r]' /run/said | sort
            """)
        #expect(
            output == [
                "wg1", "wg2", "wg1.sock", "wg2.sock", " wg0", " wg2", "a0z", "wireguard-swift: a0z: debug: ready",
            ])
    }

    // MARK: Processors

    @Test(
        "a thread for each processor that it may use, unless it is told how many",
        arguments: [
            ("", "", 2), ("taskset -c 0", "", 1), ("taskset -c 0", "WG_THREADS=3", 3), ("quota '50000 100000'", "", 1),
            ("quota '150000 100000'", "", 2), ("quota 'max 100000'", "", 2),
        ])
    func processors(_ limit: String, _ setting: String, _ threads: Int) throws {
        let output = try Household.output(
            """
            quota() { mount -t tmpfs none /sys/fs/cgroup && echo "$1" >/sys/fs/cgroup/cpu.max && shift && "$@"; }
            \(limit) env \(setting) "$daemon" wg0; cat /proc/$(number wg0)/task/*/comm | grep -c worker
            nproc
            """)
        try #require(output.count == 2)
        #expect(output[0] == (threads == 2 ? output[1] : "\(threads)"))
    }
}
