import Glibc
import TestSupport
import Testing
import WireGuardProtocol

/// Programs in C that look into our cipher, built with sanitizers.
@Suite("Proofs of the cipher", .enabled(if: PacketCipher.hasVectors, "this processor cannot run it"))
struct CipherProofTests {
    @Test("Poly1305 equals schoolbook arithmetic where carries are rarest")
    func poly1305() throws {
        let result = try proof("poly1305", sanitizers: "address,undefined", [String(Rounds.usual(2000).count)])
        #expect(result.err == "" && result.status == 0)
        #expect(result.out.hasSuffix(" tags\n"))
    }

    @Test("no branch or address depends on a key or a plaintext", arguments: ["seal", "open"])
    func constantTime(_ mode: String) throws {
        let result = try proof("constant-time", sanitizers: "memory", [mode])
        #expect(result.err == "" && result.status == 0)
    }

    @Test("a branch or an address that does is found", arguments: ["branch", "mask", "tag", "address"])
    func findsLeak(_ mode: String) throws {
        let result = try proof("constant-time", sanitizers: "memory", [mode])
        #expect(result.err.contains("MemorySanitizer: use-of-uninitialized-value"))
        #expect(result.status != 0)
    }

    @Test("no key and no keystream is left on the stack")
    func wipes() throws {
        let result = try proof("residue", [])
        #expect(result.err == "" && result.status == 0)
        #expect(try proof("residue", ["keep"]).status == 1)
    }

    private func proof(_ name: String, sanitizers: String? = nil, _ arguments: [String]) throws -> RunResult {
        let folder = try makeTemporaryFolder("cipher-proof")
        defer { _ = try? run("rm", ["-rf", folder]) }
        let sources = Places.root + "/Sources/CPacketCipher"
        let built = try run(
            "clang",
            [
                "-O2", "-g", "-Wall", "-Wextra", "-Werror",
                "-I\(sources)/include", "-o", "\(folder)/\(name)", "\(Places.root)/Tests/Proof/\(name).c",
                "\(sources)/CPacketCipher.c", "\(sources)/chacha20.c", "\(sources)/poly1305.c",
            ] + (sanitizers.map { ["-fsanitize=\($0)", "-fno-sanitize-recover=all"] } ?? []))
        try #require(built.status == 0, "clang: \(built.err)")
        return try run("\(folder)/\(name)", arguments)
    }
}
