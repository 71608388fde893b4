import TestSupport
import Testing

/// `down` takes down all that it can, and then reports what it could not.
@Suite("wg-quick down", .enabled(if: Scene.isPossible, "needs root, /dev/net/tun and wg-quick"))
struct DownTests {
    private static let file = """
        [Interface]
        PrivateKey = \(Key.own)
        ListenPort = 5180
        Address = 10.1.0.1/24, fd01::1/64
        DNS = 192.0.2.53
        SaveConfig = true
        PreDown = echo pre
        PostDown = echo post
        [Peer]
        PublicKey = \(Key.peers[0])
        AllowedIPs = 0.0.0.0/0, ::/0
        """

    /// Lists what exists of the interface: links, rules, tables of the packet filter, name servers, notes.
    private static let words = """
        left() {
            ip -br link show type tun | sed 's/ .*//'
            for family in 4 6; do ip -$family rule | grep -e suppress -e fwmark; done
            nft list tables
            ls /run/dns /run/wg-quick | grep wg0
        }
        """

    @Test(
        "with SaveConfig and a file that no longer parses: not saved, but down", arguments: ["Nonsense = 5", "[Peer]"])
    func notSaved(addition: String) async throws {
        let said = try await Scene.play(
            """
            \(Self.words)
            \(write("wg0.conf", Self.file))
            "$wg_quick" up wg0 2>/dev/null
            echo '\(addition)' >>wg0.conf
            cp wg0.conf /run/kept
            told down wg0 | grep -v -e rule -e nft -e resolvconf
            cmp wg0.conf /run/kept
            left
            """)
        #expect(
            said.hasPrefix("[#] echo pre\npre\n[#] wg showconf wg0\n[#] ip link delete dev wg0\n[#] echo post\npost\n"))
        #expect(said.contains(/wg-quick: Not saved: \/etc\/wireguard\/wg0.conf:1[0-9]: .*\nstatus 1\n$/), "\(said)")
    }

    @Test("with SaveConfig and a folder that cannot be written: not saved, but down")
    func readOnly() async throws {
        let said = try await Scene.play(
            """
            \(Self.words)
            \(write("wg0.conf", Self.file))
            "$wg_quick" up wg0 2>/dev/null
            wg set wg0 listen-port 5181
            mount --bind /etc/wireguard /etc/wireguard
            mount -o remount,ro,bind /etc/wireguard
            "$wg_quick" down wg0 >/run/out 2>&1
            echo "status $?"
            tail -n 1 /run/out
            left
            """)
        #expect(
            said == """
                status 1
                wg-quick: Not saved: Unable to write /etc/wireguard/wg0.conf: Read-only file system

                """)
    }

    /// strace refuses one netlink message after the other.
    @Test("when the kernel refuses a step: the others are done, and the refused one is told with a status")
    func refused() async throws {
        let said = try await Scene.play(
            """
            \(Self.words)
            \(write("wg0.conf", Self.file.replacing("SaveConfig = true\n", with: "")))
            refused=0
            for ((number = 1; number < 100; number++)); do
                "$wg_quick" up wg0 >/run/out 2>&1 || cat /run/out
                strace -qq -o /run/trace -e trace=sendto -e inject=sendto:error=ENOBUFS:when=$number \\
                    "$wg_quick" down wg0 >/run/out 2>&1
                status=$?
                grep -q INJECTED /run/trace || break
                # A question that nobody answers first of all ends it with everything in place.
                grep -q '^pre$' /run/out || { "$wg_quick" down wg0 >/run/out 2>&1; continue; }
                ((++refused))
                grep -q '^post$' /run/out || { echo "refusal $number: no PostDown"; cat /run/out; }
                [ $status = 0 ] || grep -q '^wg-quick: .*No buffer space' /run/out ||
                    { echo "refusal $number: nothing is said"; cat /run/out; }
                count=$(left | grep -v '^table' | wc -l)
                ((count <= 2)) || { echo "refusal $number: $count are left"; left; cat /run/out; }
                ((count == 0 || status != 0)) || echo "refusal $number: status 0, though something is left"
                # A second one, or by hand.
                "$wg_quick" down wg0 >/run/out 2>&1
                for family in 4 6; do
                    while ip -$family rule delete table 51820 2>/dev/null; do :; done
                    while ip -$family rule delete table main suppress_prefixlength 0 2>/dev/null; do :; done
                done
                nft flush ruleset
                rm -f /run/wg-quick/wg0.*
            done
            echo "$refused refused, at last status $status"
            """)
        // Rules of both families are listed and removed, then the link and the packet filter's tables.
        #expect(said.contains(/^[1-9][0-9]? refused, at last status 0\n$/), "\(said)")
    }

    @Test("without PATH: nft and hooks are found as bash finds them")
    func noPath() async throws {
        let said = try await Scene.play(
            """
            \(Self.words)
            \(write("wg0.conf", Self.file.replacing("DNS = 192.0.2.53\nSaveConfig = true", with: "PostUp = nft --version >/dev/null && ip -V >/dev/null && echo found")))
            for command in up down; do
                env -i WG_QUICK_USERSPACE_IMPLEMENTATION="$WG_QUICK_USERSPACE_IMPLEMENTATION" "$wg_quick" $command wg0 \\
                    >/run/out 2>&1
                echo "$command: status $?"
                grep -x -e found -e post /run/out
            done
            left
            """)
        #expect(said == "up: status 0\nfound\ndown: status 0\npost\n")
    }
}
