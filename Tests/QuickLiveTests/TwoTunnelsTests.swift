import TestSupport
import Testing

/// Default routes of several tunnels, together with rules of the user's own.
@Suite("Default routes of several tunnels", .enabled(if: Scene.isPossible, "needs root, /dev/net/tun and wg-quick"))
struct TwoTunnelsTests {
    private static func file(_ number: Int, _ more: String = "", allowed: String = "0.0.0.0/0, ::/0") -> String {
        write(
            "wg\(number).conf",
            """
            [Interface]
            PrivateKey = \(Key.own)
            ListenPort = 518\(number)
            Address = 10.1.\(number).1/24, fd01:\(number)::1/64
            \(more)
            [Peer]
            PublicKey = \(Key.peers[0])
            AllowedIPs = \(allowed)
            """)
    }

    /// Takes down or changes the older of two tunnels: prints the rules in order, and the route to the local network.
    private static func left(after change: String) -> String {
        """
        \(file(0)); \(file(1))
        "$wg_quick" up wg0 2>/dev/null
        "$wg_quick" up wg1 2>/dev/null
        \(change)
        for family in 4 6; do ip -$family rule | sed -n '/51821/,$!p'; done | grep -c suppress
        ip route get 192.0.2.77 | grep -o 'dev [a-z0-9]*'
        ip route get 198.51.100.1 | grep -o 'dev [a-z0-9]*'
        "$wg_quick" down wg1 2>/dev/null
        "$wg_quick" down wg0 2>/dev/null
        for family in 4 6; do ip -$family rule; done | grep -e suppress -e fwmark
        """
    }

    @Test("down of the older leaves the newer its rules, and the local network is reached")
    func downOfTheOlder() async throws {
        let said = try await Scene.play(Self.left(after: #""$wg_quick" down wg0 2>&1 | grep rule"#))
        #expect(
            said == """
                [#] ip -4 rule delete table 51820
                [#] ip -4 rule delete table main suppress_prefixlength 0 priority 32764
                [#] ip -6 rule delete table 51820
                [#] ip -6 rule delete table main suppress_prefixlength 0 priority 32764
                2
                dev eth0
                dev wg1

                """)
    }

    @Test("reload of the older that takes its default route away leaves the newer its rules")
    func reloadOfTheOlder() async throws {
        let change = Self.file(0, allowed: "10.9.0.0/16") + #"; "$wg_quick" reload wg0 2>/run/err || cat /run/err"#
        #expect(try await Scene.play(Self.left(after: change)) == "2\ndev eth0\ndev wg1\n")
    }

    /// Taking one down can only remove its own rules, whichever was first.
    @Test("any of three, in any order, leaves each other with a rule for the local network before its own")
    func threeInAnyOrder() async throws {
        let said = try await Scene.play(
            """
            \(Self.file(0)); \(Self.file(1)); \(Self.file(2))
            for order in '0 1 2' '0 2 1' '1 0 2' '1 2 0' '2 0 1' '2 1 0'; do
                for number in 0 1 2; do "$wg_quick" up wg$number 2>/dev/null; done
                for number in $order; do
                    "$wg_quick" down wg$number 2>/dev/null || echo "failed: $order: $number"
                    # Of each tunnel that is up, two rules of which the first is the local network's.
                    left=$(ip -4 rule | grep -e suppress -e 'not from all fwmark' | sed 's/.*suppress.*/s/; s/.*not.*/t/')
                    case $(echo $left) in 's t s t' | 's t' | '') ;; *) echo "$order: $number: $left" ;; esac
                done
            done
            ip rule | wc -l
            """)
        #expect(said == "3\n")
    }

    /// A configuration that does by hand what a default route would do.
    @Test("a rule of the user's own that looks like ours stays", arguments: ["down", "reload"])
    func ruleOfTheUser(command: String) async throws {
        let post = "FwMark = 51820\nPostUp = ip rule add not fwmark 51820 table 51820"
        let said = try await Scene.play(
            """
            \(Self.file(0, post, allowed: "0.0.0.0/1, 128.0.0.0/1"))
            ip rule add table main suppress_prefixlength 0
            "$wg_quick" up wg0 2>/dev/null
            "$wg_quick" \(command) wg0 2>/dev/null
            echo "status $?"
            ip rule | sed 's/^[0-9]*:\\t//'
            """)
        #expect(
            said == """
                status 0
                from all lookup local
                not from all fwmark 0xca6c lookup 51820
                from all lookup main suppress_prefixlength 0
                from all lookup main
                from all lookup default

                """)
    }

    @Test("down removes its rules though the peer with the default route is gone")
    func peerGone() async throws {
        let said = try await Scene.play(
            """
            \(Self.file(0))
            "$wg_quick" up wg0 2>/dev/null
            wg set wg0 peer \(Key.peers[0]) remove
            "$wg_quick" down wg0 2>/dev/null
            ip rule | wc -l; ip -6 rule | wc -l
            """)
        #expect(said == "3\n2\n")
    }

    @Test("eight at once come up and go down, each with a mark of its own, and none fails")
    func atOnce() async throws {
        let files = (0..<8).map { Self.file($0) }.joined(separator: "\n")
        let said = try await Scene.play(
            """
            \(files)
            all() {
                local number pids=()
                for number in 0 1 2 3 4 5 6 7; do
                    "$wg_quick" $1 wg$number >/run/log$number 2>&1 & pids+=($!)
                done
                for number in 0 1 2 3 4 5 6 7; do
                    wait ${pids[number]} || { echo "$1 wg$number failed"; cat /run/log$number; }
                done
            }
            rm -rf /run/wg-quick
            before=$(ip rule; ip -6 rule; nft list ruleset)
            all up
            for number in 0 1 2 3 4 5 6 7; do wg show wg$number fwmark; done | sort -u | wc -l
            ip rule | grep -c suppress; ip -6 rule | grep -c 'not from'
            all down
            diff <(echo "$before") <(ip rule; ip -6 rule; nft list ruleset) && echo as before
            """)
        #expect(said == "8\n8\n8\nas before\n")
    }
}
