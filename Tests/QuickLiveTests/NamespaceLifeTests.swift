import TestSupport
import Testing

/// C8: `wg-quick up --netns` from beginning to end, whatever happens to the namespace in between.
@Suite("wg-quick and a namespace's life", .enabled(if: Scene.isPossible, "needs root, /dev/net/tun and wg-quick"))
struct NamespaceLifeTests {
    private static let scene = """
        mkdir -p /run/netns
        ip netns add X
        ip netns add B
        exec 2>&1
        hooks=$(for hook in PreUp PostUp PreDown PostDown; do
            echo "$hook = [ \\"\\$(ip netns identify \\$\\$)\\" = X ] || echo $hook runs elsewhere; echo $hook >>/run/hooks"
        done)
        file() { # SETTINGS
            printf '[Interface]\\nAddress = 10.1.0.1/24\\nPrivateKey = \(Key.own)\\n%b%s\\n' "$1" "$hooks" >wg0.conf
        }
        file ''
        inside() { ip netns exec X ip -o link show wg0 | cut -d: -f2; }
        quietly() { quick "$@" >/run/told 2>&1; local status=$?; grep "^[A-Za-z]* runs elsewhere" /run/told; echo "$1 $status"; }
        """

    private func play(_ script: String) async throws -> String { try await Scene.play(Self.scene + "\n" + script) }

    @Test("all hooks run inside, and none outside")
    func hooks() async throws {
        let said = try await play(
            "quietly up --netns X wg0; inside; quietly down wg0; cat /run/hooks; find /run/wg-quick -type f ! -name lock"
        )
        #expect(said == "up 0\n wg0\ndown 0\nPreUp\nPostUp\nPreDown\nPostDown\n")
    }

    @Test("a second up is refused before anything is done, and down finds the interface after it")
    func twice() async throws {
        let said = try await play(
            """
            quietly up --netns=X wg0
            for words in '--netns X' '--netns=X' '--netns B' ''; do told up $words wg0; done
            cat /run/hooks; inside; quietly down wg0; inside 2>/dev/null | grep wg0 || echo gone
            """)
        let refusal = "wg-quick: `wg0' already exists in namespace X\nstatus 1\n"
        #expect(said == "up 0\n" + String(repeating: refusal, count: 4) + "PreUp\nPostUp\n wg0\ndown 0\ngone\n")
    }

    @Test("an interface of the same name that is there already is left alone")
    func taken() async throws {
        let said = try await play(
            """
            ip -netns X link add wg0 type veth peer name peer0
            told up --netns X wg0; told up --dry-run --netns X wg0; ls /run/hooks; inside; ip -o link show wg0
            """)
        let refusal = "wg-quick: `wg0' already exists in namespace X\nstatus 1\n"
        #expect(
            said == refusal + refusal
                + "ls: cannot access '/run/hooks': No such file or directory\n wg0@peer0\nDevice \"wg0\" does not exist.\n"
        )
    }

    @Test("down from another namespace does not take it down")
    func otherNamespace() async throws {
        let said = try await play(
            """
            quietly up --netns X wg0
            for command in down save reload; do ip netns exec B "$wg_quick" $command wg0; echo "$command $?"; done
            inside; wc -l </run/hooks; quietly down wg0
            """)
        let refusal = "wg-quick: `wg0' is not a WireGuard interface\n"
        #expect(
            said == "up 0\n\(refusal)down 1\n\(refusal)save 1\n\(refusal)reload 1\n wg0\n2\ndown 0\n")
    }

    @Test(
        "a namespace that is not there is noticed before a hook runs, dryly too", arguments: ["nosuch", "/run/nosuch"])
    func missing(_ name: String) async throws {
        let said = try await play(
            "told up --netns \(name) wg0; told up --netns=\(name) --dry-run wg0; ls /run/hooks; ip -br link show wg0")
        let refusal = "wg-quick: namespace \(name): No such file or directory\nstatus 1\n"
        #expect(
            said == refusal + refusal
                + "ls: cannot access '/run/hooks': No such file or directory\nDevice \"wg0\" does not exist.\n")
    }

    @Test(
        "when the namespace was deleted, or made anew, down undoes the rest, and up works again",
        arguments: [
            "ip netns delete X", "ip netns delete X; ip netns add X", "ip netns delete X; touch /run/netns/X",
        ])
    func deleted(_ deletion: String) async throws {
        let said = try await play(
            """
            file 'DNS = 192.0.2.53\\n'
            quietly up --netns X wg0; ls /etc/netns/X
            \(deletion)
            quick down wg0 2>&1 | grep -v ^.#; wc -l </run/hooks
            find /etc/netns /run/wg-quick -type f
            told down wg0
            ip netns delete X 2>/dev/null; ip netns add X
            until_true [ ! -e /run/wireguard/wg0.sock ]
            quietly up --netns X wg0; inside; quietly down wg0
            """)
        #expect(
            said == """
                up 0
                resolv.conf
                [!] Namespace X is gone, and wg0 with it: hooks are left out
                2
                wg-quick: `wg0' is not a WireGuard interface
                status 1
                up 0
                 wg0
                down 0

                """)
    }

    @Test(
        "DNS is told to the namespace alone, changed by reload, and put back by down",
        arguments: [
            "", "mkdir -p /etc/netns/X",
            "mkdir -p /etc/netns/X; echo nameserver 198.51.100.1 >/etc/netns/X/resolv.conf",
            "mkdir -p /etc/netns/X; ln -s /run/elsewhere /etc/netns/X/resolv.conf",
            "mkdir -p /etc/netns/X; ln -s /etc/resolv.conf /etc/netns/X/resolv.conf",
        ])
    func resolver(_ before: String) async throws {
        let said = try await play(
            """
            \(before)
            listing() { find /etc/netns -printf '%p %l %m\\n' 2>/dev/null | sort; cat /etc/netns/X/* /etc/resolv.conf; }
            listing >/run/before 2>/dev/null
            file 'DNS = 192.0.2.53, 2001:db8::53, example.com\\n'
            quietly up --netns X wg0
            ip netns exec X cat /etc/resolv.conf; cat /etc/resolv.conf; ls /run/dns
            file 'DNS = 192.0.2.54\\n'
            quietly reload wg0; ip netns exec X cat /etc/resolv.conf
            quietly down wg0
            mkdir -p /etc/netns; rmdir /etc/netns 2>/dev/null
            listing 2>/dev/null | diff /run/before - && echo as before
            """)
        let line = "# By wg-quick for wg0: \"wg-quick down\" puts back what was here before.\n"
        let made = before.isEmpty ? "# The folder was made for this file.\n" : ""
        #expect(
            said == """
                up 0
                \(line)\(made)nameserver 192.0.2.53
                nameserver 2001:db8::53
                search example.com
                nameserver 127.0.0.1
                reload 0
                \(line)\(made)nameserver 192.0.2.54
                down 0
                as before

                """)
    }

    @Test("of two interfaces with DNS in one namespace, either may go first", arguments: ["wg0 wg1", "wg1 wg0"])
    func twoInterfaces(_ order: String) async throws {
        let said = try await play(
            """
            mkdir -p /etc/netns/X; echo nameserver 198.51.100.1 >/etc/netns/X/resolv.conf
            for number in 0 1; do
                printf '[Interface]\\nPrivateKey = \(Key.own)\\nDNS = 192.0.2.%s\\n' $number >wg$number.conf
                quietly up --netns X wg$number
            done
            set -- \(order)
            quietly down $1; grep nameserver /etc/netns/X/resolv.conf
            quietly down $2; cat /etc/netns/X/*; ls -A /etc/netns
            """)
        let left = order == "wg0 wg1" ? 1 : 0
        #expect(
            said == "up 0\nup 0\ndown 0\nnameserver 192.0.2.\(left)\ndown 0\nnameserver 198.51.100.1\nX\n")
    }

    @Test("DNS is left out, with a warning, where the namespace is the path of a process's")
    func pathOfNamespace() async throws {
        let said = try await play(
            """
            file 'DNS = 192.0.2.53\\n'
            hooks= ; file 'DNS = 192.0.2.53\\n'
            ip netns exec X sleep 1000 & sleep 0.2
            until [ "$(ip netns identify $!)" = X ]; do sleep 0.05; done
            quick up --netns /proc/$!/ns/net wg0 2>&1 | sed -n "s/^\\[!\\] DNS/DNS/; s/$!/PID/; /^DNS/p"
            inside; ls /run/dns; ls /etc/netns; cat /etc/resolv.conf; quick down wg0 >/dev/null 2>&1; echo $?
            """)
        #expect(
            said == """
                DNS is left out: only namespaces of ip-netns(8) have a resolv.conf of their own, not /proc/PID/ns/net
                 wg0
                ls: cannot access '/etc/netns': No such file or directory
                nameserver 127.0.0.1
                0

                """)
    }
}
