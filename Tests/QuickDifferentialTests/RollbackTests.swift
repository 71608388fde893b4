import TestSupport
import Testing

/// Whatever goes wrong on the way up: the machine is afterwards what it was before.
@Suite("Rollback of wg-quick", .enabled(if: Stage.isPossible, "takes root"))
struct RollbackTests {
    @Test("of every request to the kernel or the daemon that is refused")
    func requests() async throws {
        let said = try await said(
            """
            attempt() { # NUMBER: of the request that is refused
                env -i "${environment[@]}" strace -qq -o /run/trace -e trace=sendto \\
                    -e inject=sendto:error=ENOBUFS:when="$1" "$programs/wg-quick" up wg0
            }
            has_failed() { grep -q INJECTED /run/trace; }
            with strace
            echo exit 0 >/run/turn
            """)
        // Link, addresses, routes, rules, mark, configuration, and the questions in between.
        #expect(said.contains(/differed after 0 of [2-9][0-9], failed after [2-9][0-9]/), "\(said)")
    }

    @Test("of every program that fails: hooks, nft, resolvconf and the daemon")
    func programs() async throws {
        let said = try await said(
            """
            cat >/run/turn <<'EOT'
            echo >>/run/turns
            [ "$(wc -l </run/turns)" != "$(cat /run/failing)" ]
            EOT
            for name in nft resolvconf daemon; do
                printf '#!/bin/sh\\nPATH=%s\\nsh /run/turn || exit 1\\nexec %s "$@"\\n' "$everything" \\
                    "$(case $name in nft) type -P nft ;; daemon) echo "$daemon" ;; *) echo true ;; esac)" >"/run/$name"
                chmod 755 "/run/$name"
                ln -sf "/run/$name" "$tools/$name"
            done
            has_failed() { [ "$(wc -l </run/turns)" -ge "$1" ]; }
            with wc
            attempt() { # NUMBER: of the program that fails
                rm -f /run/turns
                echo "$1" >/run/failing
                env -i "${environment[@]}" WG_QUICK_USERSPACE_IMPLEMENTATION=/run/daemon "$programs/wg-quick" up wg0
            }
            """)
        // The daemon, four hooks, resolvconf, and nft for either family.
        #expect(said.contains("differed after 0 of 8, failed after 8"), "\(said)")
    }

    /// What is said of attempts that fail in one place after the other, until one succeeds.
    private func said(_ preparation: String) async throws -> String {
        let outcome = try await Stage.play(
            Case(
                "rollback", interface: Self.interface, peers: Self.peers, before: preparation,
                steps: """
                    before=$(state)
                    differing=0
                    refused=0
                    for ((number = 1; number < 200; number++)); do
                        if attempt "$number" >/run/out 2>/run/err </dev/null; then
                            has_failed "$number" || break
                            # There is a way without, and back.
                            env -i "${environment[@]}" "$programs/wg-quick" down wg0 >>/run/out 2>>/run/err
                            sysctl -q net.ipv4.conf.all.src_valid_mark=0 # It stays, as ever.
                        else
                            ((++refused))
                        fi
                        after=$(state)
                        [ "$after" = "$before" ] && continue
                        ((++differing))
                        echo "failure $number"
                        cat /run/err
                        diff <(echo "$before") <(echo "$after")
                    done
                    echo "differed after $differing of $((number - 1)), failed after $refused"
                    ip -o link show wg0 | cut -d: -f2
                    """),
            with: .ours)
        #expect(outcome.said.contains(" wg0\n"), "The last attempt succeeds.")
        return outcome.said
    }

    private static let interface = """
        Address = 10.1.0.1/24, fd01::1/64
        Address = 10.1.1.1/24
        DNS = 192.0.2.53, example.test
        PreUp = sh /run/turn
        PreUp = sh /run/turn
        PostUp = sh /run/turn
        PostUp = sh /run/turn
        """

    private static let peers = peer(
        allowed: "10.2.0.0/16, fd02::/64, 0.0.0.0/0, ::/0", endpoint: "192.0.2.7:51820")
}
