import TestSupport
import Testing

/// C17: messages and exit status of wg-quick if something is missing or refused.
@Suite("Messages of wg-quick", .enabled(if: Scene.isPossible, "needs root, /dev/net/tun and wg-quick"))
struct MessageTests {
    private static func file(_ settings: String = "") -> String {
        "[Interface]\nPrivateKey = \(Key.own)\nListenPort = 5180\n\(settings)"
    }

    @Test("a failure does not carry the kernel's words about an earlier step")
    func earlierReason() async throws {
        let said = try await Scene.play(
            """
            \(write("wg0.conf", Self.file())); \(write("wg1.conf", Self.file()))
            quick up wg0 2>/dev/null || echo no up
            told up wg1 | grep -v '^.[#!]'
            """)
        #expect(said == "wg-quick: wg addconf wg1 /dev/fd/63: Address already in use\nstatus 1\n")
    }

    @Test("without the kernel's module and a daemon it is told what to install, with the status of ip")
    func nothingToRun() async throws {
        let said = try await Scene.play(
            """
            \(write("wg0.conf", Self.file()))
            mkdir /run/alone; cp "$wg_quick" /run/alone/wg-quick
            # A kernel without WireGuard, whatever the machine's has.
            unset WG_QUICK_USERSPACE_IMPLEMENTATION
            ip link add probe type wireguard 2>/dev/null && { ip link del probe; echo has WireGuard; exit 0; }
            /run/alone/wg-quick up wg0 2>&1; echo "status $?"; ip -br link show wg0 2>&1
            """)
        if said == "has WireGuard\n" { return }
        #expect(
            said == """
                [#] ip link add dev wg0 type wireguard
                wg-quick: ip link add dev wg0 type wireguard: Operation not supported (Unknown device type)
                This kernel has no WireGuard, and there is no program in its place: install the kernel's module (it is part \
                of Linux since 5.6; "modprobe wireguard"), or wireguard-swift(8) in /run/alone, or name another program in \
                WG_QUICK_USERSPACE_IMPLEMENTATION
                status 2
                Device "wg0" does not exist.

                """)
    }

    @Test("an option that a command has not is named, and nothing is done")
    func options() async throws {
        let said = try await Scene.play(
            """
            \(write("wg0.conf", Self.file()))
            told up --foo wg0; told save --netns=X wg0; told up wg0 --netns; told up --netns= wg0; told up --dry-run=1 wg0
            told strip -- wg0 | tail -1
            """)
        #expect(
            said == """
                wg-quick: `up' has no option `--foo': it takes [--dry-run] [--tolerant] [--netns NAMESPACE]
                status 1
                wg-quick: `save' has no option `--netns=X'
                status 1
                wg-quick: --netns needs the name of a network namespace
                status 1
                wg-quick: --netns needs the name of a network namespace
                status 1
                wg-quick: `up' has no option `--dry-run=1': it takes [--dry-run] [--tolerant] [--netns NAMESPACE]
                status 1
                status 0

                """)
    }

    @Test("a file that the shell pipes in has no name for an interface, and is not missing")
    func pipe() async throws {
        let said = try await Scene.play(
            "for command in up strip save; do quick $command <(echo '[Interface]') 2>&1; echo $?; done")
        let message = "wg-quick: The config file must be a valid interface name, followed by .conf\n1\n"
        #expect(said == String(repeating: message, count: 3))
    }
}
