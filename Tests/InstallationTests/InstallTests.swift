import TestSupport
import Testing

private let programs = ["wg", "wg-quick", "wireguard-swift"]
private let isBuilt = programs.allSatisfy { Places.exists(Places.root + "/.build/release/" + $0) }

/// What `make install` leaves.
@Suite("Installation", .enabled(if: isBuilt, "needs the release build"))
struct InstallTests {
    @Test("has each program, with its manual and what shells complete")
    func complete() throws {
        let prefix = try Prefix()
        try prefix.make("install")
        let files = try prefix.shell(#"cd "$0" && find . -type f ! -path './lib/*' | sort"#).split(separator: "\n")
        #expect(files.map { $0.dropFirst(2) }.sorted() == Self.files.map { $0[...] }.sorted())
    }

    @Test("is of programs that run", arguments: programs)
    func runs(_ program: String) throws {
        let prefix = try Prefix()
        try prefix.make("install-" + program)
        try prefix.shell("\"$0/bin/\(program)\" --help")
    }

    @Test(
        "does what systemd would start, reload and stop", .enabled(if: Site.isPossible, "\(Site.lack)"))
    func serves() throws {
        let machine = try Site().machine("installed")
        try machine.shell("rm /usr/local/bin/* && make -C '\(Places.root)' install PREFIX=/usr/local DESTDIR=")
        let file = "[Interface]\nAddress = 10.0.0.1/24\nPrivateKey = \(try machine.shell("wg genkey"))"
        try machine.write(file, to: "/etc/wireguard/wg0.conf")
        try machine.shell(Self.running, "ExecStart")
        #expect(try machine.shell("ip -brief address show dev wg0").contains("10.0.0.1/24"))
        try machine.write(file + "Address = 10.0.1.1/24\n", to: "/etc/wireguard/wg0.conf")
        try machine.shell(Self.running, "ExecReload")
        #expect(try machine.shell("ip -brief address show dev wg0").contains("10.0.0.1/24 10.0.1.1/24"))
        try machine.shell(Self.running, "ExecStop")
        #expect(try machine.run("ip link show dev wg0").status != 0)
    }

    /// What a setting of the service names.
    private static let running = #"""
        unit=/usr/local/lib/systemd/system/wg-quick@.service
        export "$(sed -n s/^Environment=//p "$unit")"
        $(sed -n "s/^$0=//p" "$unit" | sed s/%i/wg0/)
        """#

    private static let files =
        programs.flatMap {
            [
                "bin/\($0)", "share/man/man8/\($0).8", "share/bash-completion/completions/\($0)",
                "share/zsh/site-functions/_\($0)", "share/fish/vendor_completions.d/\($0).fish",
            ]
        } + ["share/man/man7/wireguard-ha.7"]
}
