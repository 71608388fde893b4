import TestSupport
import Testing

/// What ours can do beyond the reference, on machines apart.
@Suite("Options of wg-quick", .enabled(if: Stage.isPossible, "takes root"))
struct OptionTests {
    @Test("--dry-run tells the steps that would follow, and takes none")
    func dryRun() async throws {
        let outcome = try await play(
            "Address = 10.1.0.1/24, fd01::1/64\nDNS = 192.0.2.53\nPreUp = touch /run/hook\nPostDown = touch /run/hook",
            peer(allowed: "10.2.0.0/16, 0.0.0.0/0, ::/0", endpoint: "192.0.2.7:51820"),
            """
            before=$(state)
            quick up --dry-run wg0
            [ "$(state)" = "$before" ] && echo nothing was done
            quick up wg0
            rm /run/hook
            before=$(state)
            quick down --dry-run wg0
            quick reload --dry-run wg0
            [ "$(state)" = "$before" ] && [ ! -e /run/hook ] && echo nothing was done
            quick down wg0
            """)
        #expect(outcome.said == "nothing was done\nnothing was done\n", "\(outcome.said)")
        #expect(outcome.steps.map { $0.text("status") } == ["0", "0", "0", "0", "0"])
        // What is announced dryly is what is done, but for what only an attempt can show.
        #expect(outcome.steps[0].text("steps told").lines == outcome.steps[1].text("steps told").lines.dryly)
        #expect(outcome.steps[2].text("steps told") == outcome.steps[4].text("steps told"))
        #expect(outcome.steps[3].text("steps told") == "")
    }

    @Test("--tolerant leaves out an endpoint that does not resolve, and says so")
    func tolerant() async throws {
        let outcome = try await play(
            "Address = 10.1.0.1/24",
            peer(0, allowed: "10.2.0.0/16", endpoint: "nosuch.invalid:51820")
                + peer(1, allowed: "10.3.0.0/16", endpoint: "192.0.2.7:51820"),
            """
            before=$(state)
            quick up wg0
            [ "$(state)" = "$before" ] && echo nothing was done
            quick up --tolerant wg0
            grep -c '^\\[!\\].*nosuch.invalid' /run/err
            "$wg" show wg0 endpoints
            ip route show dev wg0
            """)
        #expect(outcome.steps.map { $0.text("status") } == ["1", "0"])
        #expect(
            outcome.said == """
                nothing was done
                1
                \(Key.peers[0])\t(none)
                \(Key.peers[1])\t192.0.2.7:51820
                10.1.0.0/24 proto kernel scope link src 10.1.0.1 
                10.2.0.0/16 scope link 
                10.3.0.0/16 scope link 

                """, "\(outcome.said)")
    }

    /// Its port is taken again at once: a daemon that still has it, or a link that is still there, would be in the way.
    @Test("up follows down without a pause")
    func again() async throws {
        let outcome = try await play(
            "Address = 10.1.0.1/24", peer(allowed: "10.2.0.0/16"),
            """
            before=$(state)
            for ((round = 0; round < 25; round++)); do
                env -i "${environment[@]}" "$programs/wg-quick" up wg0 2>/run/err || cat /run/err
                env -i "${environment[@]}" "$programs/wg-quick" down wg0 2>/run/err || cat /run/err
                [ "$(state)" = "$before" ] || echo differs
            done
            echo "$round rounds"
            """)
        #expect(outcome.said == "25 rounds\n", "\(outcome.said)")
    }

    private func play(_ interface: String, _ peers: String, _ steps: String) async throws -> Outcome {
        try await Stage.play(
            Case("options", interface: interface, peers: peers, before: "with touch", steps: steps), with: .ours)
    }
}

extension Outcome.Step {
    fileprivate func text(_ name: String) -> String { aspects.first { $0.name == name }?.text ?? "" }
}

extension String {
    fileprivate var lines: [Substring] { split(separator: "\n") }
}

extension [Substring] {
    /// Without the daemon: whether the kernel has a WireGuard shows when it is asked to make a link.
    fileprivate var dryly: [Substring] { filter { !$0.hasPrefix("[#] /") && !$0.hasPrefix("[!]") } }
}
