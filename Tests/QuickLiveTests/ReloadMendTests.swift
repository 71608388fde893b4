import TestSupport
import Testing

/// Reload starts from the kernel's state: it restores what others removed, and leaves what they added.
@Suite("wg-quick reload mends", .enabled(if: Scene.isPossible, "needs root, /dev/net/tun and wg-quick"))
struct ReloadMendTests {
    private static func file(_ interface: String, allowed: String = "0.0.0.0/0, ::/0") -> String {
        """
        [Interface]
        PrivateKey = \(Key.own)
        ListenPort = 5180
        \(interface)
        [Peer]
        PublicKey = \(Key.peers[0])
        AllowedIPs = \(allowed)
        Endpoint = 192.0.2.20:5
        """
    }

    private static let plain = "Address = 10.0.0.2/24, fd00::2/64"

    @Test("a packet filter that was flushed, with the same file and with another address (C3)")
    func flushedRuleset() async throws {
        let said = try await Scene.play(
            """
            \(write("wg0.conf", Self.file(Self.plain))); quick up wg0 2>/dev/null || echo no up; state wg0 >/run/before
            nft flush ruleset; told reload wg0; state wg0 | diff /run/before - && echo as before
            nft flush ruleset; \(write("wg0.conf", Self.file("Address = 10.7.0.2/24, fd00::2/64")))
            told reload wg0 | tail -1; told reload wg0
            ip route get 198.51.100.1 | grep -o 'dev wg0'; nft list ruleset | grep -c 'daddr 10.7.0.2 '
            """)
        #expect(
            said == """
                [#] nft -f /dev/fd/63
                [#] nft -f /dev/fd/63
                status 0
                as before
                status 0
                status 0
                dev wg0
                1

                """)
    }

    @Test("what was put back by hand before, without a failure when that is undone (C3)")
    func defaultRouteLost() async throws {
        let said = try await Scene.play(
            """
            \(write("wg0.conf", Self.file(Self.plain))); quick up wg0 2>/dev/null || echo no up; everything wg0 >/run/before
            ip route del default table 51820; printf '#!/bin/sh\\nexit 7\\n' >/run/bin/resolvconf
            everything wg0 >/run/lost
            \(write("wg0.conf", Self.file(Self.plain + "\nDNS = 10.0.0.1"))); told reload wg0 | tail -1
            everything wg0 | diff /run/lost - && echo as lost as before
            \(write("wg0.conf", Self.file(Self.plain))); told reload wg0; everything wg0 | diff /run/before - && echo mended
            """)
        #expect(
            said == """
                status 7
                as lost as before
                [#] ip -4 route add 0.0.0.0/0 dev wg0 table 51820
                status 0
                mended

                """)
    }

    @Test("rules of iptables, where nft was installed since; down leaves none of either (C3)")
    func nftInstalledSince() async throws {
        let said = try await Scene.play(
            """
            mkdir /run/old
            for tool in bash cat sh ip sysctl iptables iptables-save iptables-restore ip6tables ip6tables-save \\
                ip6tables-restore; do ln -s "$(type -P $tool)" /run/old; done
            ours() { { iptables-save; ip6tables-save; } | grep -c 'wg-quick(8) rule for wg0'; }
            \(write("wg0.conf", Self.file(Self.plain))); PATH=/run/old quick up wg0 2>/dev/null || echo no up
            [ "$(ours)" -ge 6 ] && echo iptables
            PATH=/run/old told reload wg0
            quick reload wg0 2>/dev/null; echo $?; ours; nft list tables | grep -c wg-quick-wg0; told reload wg0
            quick down wg0 2>/dev/null; nft list tables | grep -c wg-quick-wg0
            PATH=/run/old quick up wg0 2>/dev/null || echo no up
            quick down wg0 2>/dev/null; echo $?; ours
            """)
        #expect(said == "iptables\nstatus 0\n0\n0\n2\nstatus 0\n0\n0\n0\n")
    }

    @Test("nothing, where hooks added addresses, also of peers, and set the MTU (C7)")
    func hooks() async throws {
        let hooks = """
            PostUp = ip address add 172.20.0.1/32 peer 172.20.0.2/32 dev %i; ip address add 10.99.0.1/24 dev %i
            PostUp = ip address add fd99::1/128 peer fd99::2/128 dev %i; ip link set mtu 1333 dev %i
            """
        let said = try await Scene.play(
            """
            \(write("wg0.conf", Self.file(Self.plain + "\n" + hooks))); quick up wg0 2>/dev/null || echo no up
            everything wg0 >/run/before; told reload wg0; everything wg0 | diff /run/before - && echo as before
            \(write("wg0.conf", Self.file("Address = fd00::2/64\n" + hooks))); told reload wg0 | grep address
            ip -o address show dev wg0 | grep -o 'inet.* \\(172\\|10.99\\|fd99\\)[^ ]*' | sort
            ip -o link show dev wg0 | grep -o 'mtu [0-9]*'
            \(write("wg0.conf", Self.file("Address = fd00::2/64\nMTU = 1400\n" + hooks))); told reload wg0
            """)
        #expect(
            said == """
                status 0
                as before
                [#] ip -4 address delete 10.0.0.2/24 dev wg0
                inet 10.99.0.1/24
                inet 172.20.0.1 peer 172.20.0.2/32
                inet6 fd99::1 peer fd99::2/128
                mtu 1333
                [#] ip link set mtu 1400 dev wg0
                status 0

                """)
    }

    @Test("routes of hooks that the kernel dropped with an address, but for one whose gateway went with it (C7)")
    func routesOfHooks() async throws {
        let hooks =
            "PostUp = ip route add 10.200.0.0/16 via 10.0.0.1 dev %i; ip route add 10.201.0.0/16 dev %i metric 9"
        let said = try await Scene.play(
            """
            \(write("wg0.conf", Self.file("Address = 10.0.0.2/24\n" + hooks, allowed: "10.1.0.0/16")))
            quick up wg0 2>/dev/null || echo no up
            \(write("wg0.conf", Self.file("Address = fd00::2/64\n" + hooks, allowed: "10.1.0.0/16")))
            told reload wg0 | grep -v ' unreachable \\|^\\[!\\]'; ip -4 route show dev wg0
            """)
        #expect(
            said == """
                [#] ip -6 address add fd00::2/64 dev wg0
                [#] ip -4 address delete 10.0.0.2/24 dev wg0
                [#] ip -4 route add 10.1.0.0/16 dev wg0
                [#] ip -4 route add 10.200.0.0/16 via 10.0.0.1 dev wg0
                [#] ip -4 route add 10.201.0.0/16 dev wg0 metric 9
                status 0
                10.1.0.0/16 scope link 
                10.201.0.0/16 scope link metric 9 

                """)
    }

    @Test("leaves addresses alone that it cannot know the owner of: the script brought the interface up (C7)")
    func unknownOwner() async throws {
        let said = try await Scene.play(
            """
            \(write("wg0.conf", Self.file("Address = 10.0.0.2/24", allowed: "10.1.0.0/16"))); quick up wg0 2>/dev/null
            find /run/wg-quick -name wg0.conf -delete
            \(write("wg0.conf", Self.file("Address = 10.0.0.3/24", allowed: "10.1.0.0/16"))); told reload wg0; told reload wg0
            """)
        #expect(
            said == """
                [!] 10.0.0.2/24 stays: nothing tells whether wg-quick had added it
                [#] ip -4 address add 10.0.0.3/24 dev wg0
                status 0
                status 0

                """)
    }

    @Test("rules that were lost, all or one, with the same mark and the packet filter as it is (C12)")
    func lostRules() async throws {
        let said = try await Scene.play(
            """
            \(write("wg0.conf", Self.file(Self.plain))); quick up wg0 2>/dev/null || echo no up; everything wg0 >/run/before
            drop() { for family in "${families[@]}"; do ip $family rule delete "$@"; done; }
            mend() {
                quick reload wg0 2>/dev/null || echo no reload
                everything wg0 | diff /run/before - || echo "not mended"
                told reload wg0
            }
            families=(-4 -6)
            drop table 51820; drop table main suppress_prefixlength 0; mend
            drop table 51820; mend
            drop table main suppress_prefixlength 0; mend
            families=(-4); drop table 51820; ip route delete default table 51820; mend
            """)
        #expect(said == String(repeating: "status 0\n", count: 4))
    }

    @Test("a link that is down, and an MTU below 1280, in the file or by hand, with all of IPv6 (C13)")
    func downOrSmall() async throws {
        let small = Self.file("Address = 10.0.0.2/24\nMTU = 1200", allowed: "0.0.0.0/0")
        let said = try await Scene.play(
            """
            mend() { quick reload wg0 2>/run/steps || cat /run/steps; everything wg0 | sort | diff /run/before - && echo mended; }
            \(write("wg0.conf", Self.file(Self.plain + "\nMTU = 1420"))); quick up wg0 2>/dev/null || echo no up
            everything wg0 | sort >/run/before
            ip link set wg0 down; mend
            ip link set wg0 mtu 1200; mend
            quick down wg0 2>/dev/null
            \(write("wg0.conf", small)); quick up wg0 2>/dev/null || echo no up
            \(write("wg0.conf", Self.file(Self.plain + "\nMTU = 1420"))); quick reload wg0 2>/run/steps || cat /run/steps
            ip -6 route show table 51820 | grep -o '^default dev wg0'; ip -6 address show dev wg0 | grep -o fd00::2/64
            \(write("wg0.conf", Self.file(Self.plain + "\nMTU = 1200"))); told reload wg0
            """)
        #expect(
            said == """
                mended
                mended
                default dev wg0
                fd00::2/64
                wg-quick: MTU = 1200 is too small for the file's IPv6 routes, which want 1280 and more
                status 1

                """)
    }
}
