import TestSupport
import Testing

/// A signal during `up` leaves the machine unchanged; one during `down` leaves the whole interface, or nothing of it.
@Suite(
    "Signals to wg-quick", .serialized, .enabled(if: Scene.isPossible, "needs root, /dev/net/tun and wg-quick"))
struct SignalTests {
    /// strace sends one signal at the n-th call, for every n: at each write, which announces a step, and at each
    /// netlink message.
    struct Blow: Sendable, CustomTestStringConvertible {
        let signal: String
        let status: Int
        let call: String

        var testDescription: String { "SIG\(signal) at each \(call)" }

        static let all =
            [("HUP", 129), ("INT", 130), ("QUIT", 131), ("TERM", 143), ("PIPE", 141)].map {
                Blow(signal: $0.0, status: $0.1, call: "write")
            } + [Blow(signal: "TERM", status: 143, call: "sendto")]
    }

    private static func file(_ more: String = "", peer: String = "") -> String {
        """
        [Interface]
        PrivateKey = \(Key.own)
        ListenPort = 5180
        Address = 10.1.0.1/24, fd01::1/64
        DNS = 192.0.2.53
        \(more)
        [Peer]
        PublicKey = \(Key.peers[0])
        AllowedIPs = 10.2.0.0/16, fd02::/64, 0.0.0.0/0, ::/0
        \(peer)
        """
    }

    /// Lists everything that wg-quick may change, and its notes. The lock file stays. The parent of the tests may
    /// ignore SIGPIPE.
    private static let words = """
        mkdir -p /run/wg-quick && touch /run/wg-quick/lock
        machine() {
            until_true no_address_is_tentative
            ip -o address | sed 's/^[0-9]*: //' | grep -v fe80: | sort
            for family in 4 6; do
                ip -$family route show table all | grep -v fe80: | sort
                ip -$family rule
            done
            nft list ruleset | grep -v 'daddr fe80:'
            ls /run/dns /run/wg-quick
            cat /proc/sys/net/ipv4/conf/all/src_valid_mark
            wg show wg0 dump | cut -f 1-4,8
        } 2>/dev/null
        struck() { # SIGNAL CALL NUMBER ARGUMENT...
            env --default-signal=PIPE strace -qq -o /run/trace -e trace="$2" -e inject="$2":signal=SIG"$1":when="$3" "$wg_quick" "${@:4}" \\
                >/run/out 2>&1
        }
        was_struck() { grep -q "^--- SIG$1 " /run/trace; }
        up() { "$wg_quick" up wg0 >/run/up 2>&1 || cat /run/up; }
        down() { "$wg_quick" down wg0 >/run/down 2>&1; echo 0 >/proc/sys/net/ipv4/conf/all/src_valid_mark; }
        is_like() { machine >/run/now; diff "/run/$1" /run/now >/run/difference; }
        wrong() { echo "$*"; cat /run/out /run/difference; }
        """

    @Test("at each step of up: it is undone, and the status is the signal's", arguments: Blow.all)
    func up(_ blow: Blow) async throws {
        let said = try await Scene.play(
            """
            \(Self.words)
            \(write("wg0.conf", Self.file("PreUp = true\nPostUp = true")))
            machine >/run/before
            for ((number = 1; number < 200; number++)); do
                struck \(blow.signal) \(blow.call) $number up wg0
                status=$?
                was_struck \(blow.signal) || break
                [ $status = \(blow.status) ] || wrong "blow $number: status $status"
                is_like before || wrong "blow $number: something is left"
                down
            done
            echo "$number blows, status $status"
            """)
        // A configuration, four addresses and routes, and four rules: more than ten calls of either kind.
        #expect(said.contains(/^[1-9][0-9] blows, status 0\n$/), "\(said)")
    }

    @Test("at each step of down: all is there still, or all is gone", arguments: Blow.all)
    func down(_ blow: Blow) async throws {
        let said = try await Scene.play(
            """
            \(Self.words)
            \(write("wg0.conf", Self.file("PreDown = true\nPreDown = true\nPostDown = true")))
            up; down
            machine >/run/gone
            up
            machine >/run/whole
            for ((number = 1; number < 200; number++)); do
                struck \(blow.signal) \(blow.call) $number down wg0
                status=$?
                was_struck \(blow.signal) || break
                echo 0 >/proc/sys/net/ipv4/conf/all/src_valid_mark
                [ $status = \(blow.status) ] || [ $status = 0 ] || wrong "blow $number: status $status"
                if ip link show wg0 >/run/out 2>&1; then
                    [ \(blow.signal) = PIPE ] && wrong "blow $number: a closed pipe stopped it"
                    echo 1 >/proc/sys/net/ipv4/conf/all/src_valid_mark
                    is_like whole || wrong "blow $number: something is missing"
                    down
                else
                    is_like gone || wrong "blow $number: something is left"
                fi
                up
            done
            echo "$number blows, status $status"
            """)
        #expect(said.contains(/^[1-9][0-9]? blows, status 0\n$/), "\(said)")
    }

    @Test("at each step of reload: it is undone, and the status is the signal's", arguments: Blow.all)
    func reload(_ blow: Blow) async throws {
        let changed = """
            [Interface]
            PrivateKey = \(Key.preshared)
            ListenPort = 5181
            Address = 10.3.0.1/24, fd03::1/64
            DNS = 192.0.2.54
            MTU = 1300
            [Peer]
            PublicKey = \(Key.peers[1])
            AllowedIPs = 10.4.0.0/16, fd04::/64, 0.0.0.0/0
            """
        let said = try await Scene.play(
            """
            \(Self.words)
            \(write("wg0.conf", Self.file()))
            up
            machine >/run/before
            \(write("wg0.conf", changed))
            for ((number = 1; number < 300; number++)); do
                struck \(blow.signal) \(blow.call) $number reload wg0
                status=$?
                was_struck \(blow.signal) || break
                [ $status = \(blow.status) ] || [ $status = 0 ] || wrong "blow $number: status $status"
                if [ $status != 0 ]; then
                    is_like before || wrong "blow $number: something differs"
                    continue
                fi
                # It came after the last step.
                \(write("wg0.conf", Self.file()))
                "$wg_quick" reload wg0 >/run/out 2>&1 || wrong "blow $number: no way back"
                \(write("wg0.conf", changed))
            done
            echo "$number blows, status $status"
            """)
        #expect(said.contains(/^[1-9][0-9]+ blows, status 0\n$/), "\(said)")
    }

    @Test("that end a hook: what it runs ends too, and up is undone", arguments: ["HUP", "INT", "QUIT", "TERM"])
    func hook(_ signal: String) async throws {
        let said = try await Scene.play(
            """
            \(Self.words)
            \(write("wg0.conf", Self.file("PostUp = echo hook; sleep 1234; echo went on")))
            machine >/run/before
            (trap - INT QUIT; exec "$wg_quick" up wg0) >/run/out 2>&1 &
            until_true grep -q ^hook /run/out
            kill -\(signal) $!
            wait $! 2>/dev/null
            echo "status $(($? - 128)) $(kill -l \(signal))"
            grep -x 'went on' /run/out
            pgrep -x sleep
            is_like before || wrong "something is left"
            """)
        #expect(said.contains(/^status ([0-9]+) \1\n$/), "\(said)")
    }

    @Test("that a hook is deaf to: it is killed ten seconds later")
    func deafHook() async throws {
        let said = try await Scene.play(
            """
            \(Self.words)
            \(write("wg0.conf", Self.file("PostUp = trap '' TERM; echo hook; sleep 1234; sleep 1234")))
            machine >/run/before
            "$wg_quick" up wg0 >/run/out 2>&1 &
            until_true grep -q ^hook /run/out
            kill $!
            wait $! 2>/dev/null
            echo "status $?"
            pgrep -x sleep
            is_like before || wrong "something is left"
            """)
        #expect(said == "status 143\n")
    }

    @Test("that nohup has made us ignore: up goes on")
    func ignored() async throws {
        let said = try await Scene.play(
            """
            \(write("wg0.conf", Self.file("PostUp = echo hook; read <>/run/fifo line; echo went on")))
            mkfifo /run/fifo
            (trap '' HUP; exec "$wg_quick" up wg0) >/run/out 2>&1 &
            until_true grep -q ^hook /run/out
            kill -HUP $!
            echo >/run/fifo
            wait $!
            echo "status $?"
            grep ^went /run/out
            """)
        #expect(said == "status 0\nwent on\n")
    }

    /// With endless retries, like our unit, and with a name server that never answers.
    @Test("while a name does not resolve: up is undone at once", arguments: ["127.0.0.1", "192.0.2.99"])
    func lookUp(server: String) async throws {
        let said = try await Scene.play(
            """
            \(Self.words)
            export WG_ENDPOINT_RESOLUTION_RETRIES=infinity
            \(write("wg0.conf", Self.file(peer: "Endpoint = nosuch.example:5")))
            echo nameserver \(server) >/etc/resolv.conf
            machine >/run/before
            "$wg_quick" up wg0 >/run/out 2>&1 &
            until_true wg show wg0
            sleep 0.5
            kill $!
            wait $! 2>/dev/null
            echo "status $?"
            is_like before || wrong "something is left"
            """)
        #expect(said == "status 143\n")
    }

    @Test("of a reader that went away: up is undone, down is done")
    func reader() async throws {
        let said = try await Scene.play(
            """
            \(Self.words)
            \(write("wg0.conf", Self.file()))
            machine >/run/before
            env --default-signal=PIPE "$wg_quick" up wg0 2>&1 | head -n 1
            echo "${PIPESTATUS[0]}"
            is_like before || wrong "something is left of up"
            up
            env --default-signal=PIPE "$wg_quick" down wg0 2>&1 | head -n 1
            echo "${PIPESTATUS[0]}"
            echo 0 >/proc/sys/net/ipv4/conf/all/src_valid_mark
            is_like before || wrong "something is left after down"
            """)
        #expect(
            said == """
                [#] ip link add dev wg0 type wireguard
                141
                [#] ip -4 rule delete table 51820
                141

                """)
    }
}
