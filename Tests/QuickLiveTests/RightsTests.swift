import TestSupport
import Testing

/// wg-quick run by an ordinary user, with and without sudo.
@Suite("wg-quick by an ordinary user", .enabled(if: Scene.isPossible, "needs root, /dev/net/tun and wg-quick"))
struct RightsTests {
    private static let file = """
        [Interface]
        Address = 10.0.0.1/24
        PrivateKey = \(Key.own)
        ListenPort = 5180

        [Peer]
        PublicKey = \(Key.peers[0])
        AllowedIPs = 10.0.0.2/32
        """

    /// `user COMMAND...` runs it as an unprivileged user; a sudo of the scene makes it root again on request.
    private static let user = """
        user() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
        umask 022
        chmod 755 /run/bin
        cp "$wg_quick" /run/bin/wg-quick
        cp "$wg" /run/bin/wg
        printf '#!/bin/sh\\nexit 1\\n' >/run/bin/sudo
        chmod 755 /run/bin/*
        # The scene's root waits for the command that sudo is asked for, runs it, and hands its output back.
        allow_sudo() {
            mkdir -m 777 /run/ask
            cat >/run/bin/sudo <<'END'
        #!/bin/bash
        echo "asked: $2" >&2
        printf '%s\\0' "${@:4}" >/run/ask/new && mv /run/ask/new /run/ask/command
        until [ -e /run/ask/done ]; do sleep 0.05; done
        cat /run/ask/out
        exit "$(cat /run/ask/done)"
        END
            (
                umask 022
                until [ -e /run/ask/command ]; do sleep 0.05; done
                mapfile -d '' -t command </run/ask/command
                "${command[@]}" >/run/ask/out
                echo $? >/run/ask/status
                mv /run/ask/status /run/ask/done
            ) &
        }
        """

    @Test("C1: strip asks sudo for root's rights, as the other commands do, and prints the file")
    func strip() async throws {
        let said = try await Scene.play(
            """
            \(Self.user)
            \(write("wg0.conf", Self.file)); chmod 700 .
            allow_sudo
            user /run/bin/wg-quick strip wg0 2>/run/err; echo "status $?"; cat /run/err
            """)
        #expect(said.contains("PublicKey = \(Key.peers[0])") && said.contains("status 0\n"), "\(said)")
        #expect(said.contains("asked: wg-quick must be run as root."), "\(said)")
    }

    @Test("C1: syncconf of what strip could not print changes nothing and fails")
    func synchronize() async throws {
        let said = try await Scene.play(
            """
            \(Self.user)
            \(write("wg0.conf", Self.file)); chmod 700 .
            quick up wg0 2>/dev/null || echo no up
            wg show wg0 dump >/run/before
            wg syncconf wg0 <(user /run/bin/wg-quick strip wg0 2>/dev/null) 2>/run/err; echo "status $?"
            sed 's|/dev/fd/[0-9]*|PIPE|' /run/err
            wg setconf wg0 <(user /run/bin/wg-quick strip wg0 2>/dev/null) 2>/dev/null; echo "status $?"
            wg show wg0 dump | diff /run/before - && echo unchanged
            """)
        let refusal =
            "No configuration came from the pipe `PIPE': nothing is changed (to clear an interface, give /dev/null)"
        #expect(said == "status 1\n\(refusal)\nstatus 1\nunchanged\n")
    }

    @Test("C1: where there is no sudo, that is told, with the reason", arguments: ["strip", "up", "down", "save"])
    func withoutSudo(_ command: String) async throws {
        let said = try await Scene.play(
            """
            \(Self.user)
            rm /run/bin/sudo; ln -s "$(type -P setpriv)" /run/bin
            \(write("wg0.conf", Self.file)); chmod 700 .
            PATH=/run/bin user /run/bin/wg-quick \(command) wg0 2>&1; echo "status $?"
            """)
        #expect(
            said
                == "wg-quick: wg-quick must be run as root, and sudo cannot be run: No such file or directory\nstatus 127\n"
        )
    }

    @Test("C1: wg tells an ordinary user that a daemon's socket is not for him, not that there is no such interface")
    func socket() async throws {
        let said = try await Scene.play(
            """
            \(Self.user)
            \(write("wg0.conf", Self.file))
            quick up wg0 2>/dev/null || echo no up
            chmod 755 /run/wireguard; chmod 600 /run/wireguard/wg0.sock
            exec 2>&1
            user /run/bin/wg show wg0; echo "status $?"; user /run/bin/wg show interfaces
            user /run/bin/wg set wg0 listen-port 7
            """)
        #expect(
            said == """
                Unable to access interface: Permission denied
                status 1
                Unable to modify interface: Permission denied

                """)
    }
}
