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

    private static let files =
        programs.flatMap {
            [
                "bin/\($0)", "share/man/man8/\($0).8", "share/bash-completion/completions/\($0)",
                "share/zsh/site-functions/_\($0)", "share/fish/vendor_completions.d/\($0).fish",
            ]
        } + ["share/man/man7/wireguard-ha.7"]
}
