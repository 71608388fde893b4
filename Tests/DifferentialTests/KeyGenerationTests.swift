import TestSupport
import Testing

/// genkey and genpsk, whose output nobody can foretell.
extension DifferentialTests {
    @Test("make private keys that both take")
    func privateKeys() async throws {
        let generations = try await Bout.of([Case](repeating: Case(arguments: ["genkey".bytes]), count: 50))
        for outcome in generations.flatMap({ [$0.ours, $0.reference] }) {
            let key = try Self.key(in: outcome)
            #expect(key[0] & 7 == 0 && key[31] & 0xc0 == 0x40, "not clamped")
        }
        let derivations = try await Bout.of(
            generations.flatMap { [$0.ours.stdout, $0.reference.stdout] }.map {
                Case(arguments: ["pubkey".bytes], input: $0)
            })
        for bout in derivations {
            #expect(bout.faults.isEmpty, "\(bout)")
            _ = try Self.key(in: bout.ours)
        }
    }

    @Test("make preshared keys of all bits")
    func presharedKeys() async throws {
        var union = [UInt8](repeating: 0, count: 32)
        for bout in try await Bout.of([Case](repeating: Case(arguments: ["genpsk".bytes]), count: 50)) {
            _ = try Self.key(in: bout.reference)
            for (index, byte) in try Self.key(in: bout.ours).enumerated() { union[index] |= byte }
        }
        #expect(union == [UInt8](repeating: 0xff, count: 32))
    }

    @Test("warn of a file that others can use", arguments: ["genkey", "genpsk", "pubkey"])
    func warnings(of command: String) async throws {
        let modes = ["600", "640", "604", "602", "601", "644", "660", "670", "607", "777"]
        let key = KeyText.base64([UInt8](repeating: 7, count: 32))
        let scenes = modes.map {
            Case(shell: "touch key; chmod \($0) key; exec \"$0\" \(command) >key", input: key)
        }
        for bout in try await Bout.of(scenes) { #expect(bout.faults.isEmpty, "\(bout)") }
    }

    private static func key(in outcome: Outcome) throws -> [UInt8] {
        #expect(outcome.status == 0 && outcome.stderr.isEmpty && outcome.stdout.last == 0x0a, "\(outcome)")
        return try #require(KeyText.bytes(outcome.stdout.dropLast()))
    }
}
