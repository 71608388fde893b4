import Glibc
import TestSupport
import Testing
import WireGuardProtocol

/// Programs in C that look into our cipher, built with sanitizers.
@Suite("Proofs of the cipher", .enabled(if: !CipherKind.ours.isEmpty, "this processor cannot run it"))
struct CipherProofTests {
    @Test("Poly1305 equals schoolbook arithmetic where carries are rarest", arguments: CipherKind.ours)
    func poly1305(_ kind: CipherKind) throws {
        let result = try proof("poly1305", kind, sanitizers: "address,undefined", [String(Rounds.usual(2000).count)])
        #expect(result.err == "" && result.status == 0)
        #expect(result.out.hasSuffix(" tags\n"))
    }

    @Test(
        "no branch or address depends on a key or a plaintext", arguments: CipherKind.ours, ["seal", "open"])
    func constantTime(_ kind: CipherKind, _ mode: String) throws {
        let result = try proof("constant-time", kind, sanitizers: "memory", [mode])
        #expect(result.err == "" && result.status == 0)
    }

    @Test(
        "a branch or an address that does is found", arguments: CipherKind.ours, ["branch", "mask", "tag", "address"])
    func findsLeak(_ kind: CipherKind, _ mode: String) throws {
        let result = try proof("constant-time", kind, sanitizers: "memory", [mode])
        #expect(result.err.contains("MemorySanitizer: use-of-uninitialized-value"))
        #expect(result.status != 0)
    }

    @Test("no key and no keystream is left on the stack", arguments: CipherKind.ours)
    func wipes(_ kind: CipherKind) throws {
        let result = try proof("residue", kind, [])
        #expect(result.err == "" && result.status == 0)
        #expect(try proof("residue", kind, ["keep"]).status == 1)
    }

    /// The program has the parts of the cipher in it, and calls the whole.
    private func proof(
        _ name: String, _ kind: CipherKind, sanitizers: String? = nil, _ arguments: [String]
    ) throws -> RunResult {
        let folder = try makeTemporaryFolder("cipher-proof")
        defer { _ = try? run("rm", ["-rf", folder]) }
        let sources = Places.root + "/Sources/CPacketCipher"
        let built = try run(
            "clang",
            [
                "-O2", "-g", "-Wall", "-Wextra", "-Werror",
                "-I\(sources)/include", "-I\(sources)", "-D\("\(kind)".uppercased())", "-DPARTS=\"\(kind).h\"",
                "-DPATH=cpacketcipher_\(kind)",
                "-o", "\(folder)/\(name)", "\(Places.root)/Tests/Proof/\(name).c",
                "\(sources)/CPacketCipher.c", "\(sources)/avx2.c", "\(sources)/avx512.c",
            ] + (sanitizers.map { ["-fsanitize=\($0)", "-fno-sanitize-recover=all"] } ?? []))
        try #require(built.status == 0, "clang: \(built.err)")
        return try run("\(folder)/\(name)", arguments)
    }
}
