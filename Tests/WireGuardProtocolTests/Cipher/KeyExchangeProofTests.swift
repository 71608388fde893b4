import TestSupport
import Testing
import WireGuardProtocol

/// A program in C that looks into our X25519, built with sanitizers.
@Suite("Proofs of X25519", .enabled(if: X25519.hasVectors, "this processor cannot run it"))
struct KeyExchangeProofTests {
    @Test("reduces what is near a border as schoolbook arithmetic does")
    func reduces() throws {
        let result = try proof("reduce")
        #expect(result.err == "" && result.out == "371293 numbers\n" && result.status == 0)
    }

    @Test("no branch or address depends on a key or a point")
    func constantTime() throws {
        let result = try proof("constant-time", sanitizer: "memory")
        #expect(result.err == "" && result.status == 0)
    }

    @Test("a branch that does is found")
    func findsLeak() throws {
        let result = try proof("branch", sanitizer: "memory")
        #expect(result.err.contains("MemorySanitizer: use-of-uninitialized-value"))
        #expect(result.status != 0)
    }

    @Test("no key and nothing that came of one is left on the stack")
    func wipes() throws {
        let result = try proof("residue")
        #expect(result.err == "" && result.status == 0)
        #expect(try proof("keep").status == 1)
    }

    private func proof(_ mode: String, sanitizer: String? = nil) throws -> RunResult {
        let folder = try makeTemporaryFolder("key-exchange-proof")
        defer { _ = try? run("rm", ["-rf", folder]) }
        let built = try run(
            "clang",
            [
                "-O2", "-g", "-Wall", "-Wextra", "-Werror", "-I\(Places.root)/Sources/CKeyExchange/include",
                "-o", "\(folder)/key-exchange", "\(Places.root)/Tests/Proof/key-exchange.c",
            ] + (sanitizer.map { ["-fsanitize=\($0)", "-fno-sanitize-recover=all"] } ?? []))
        try #require(built.status == 0, "clang: \(built.err)")
        return try run("\(folder)/key-exchange", [mode])
    }
}
