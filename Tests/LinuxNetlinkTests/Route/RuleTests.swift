import LinuxNetlink
import LinuxSystem
import TestSupport
import Testing
import WireGuardModel

@Suite(.enabled(if: Arena.isPossible, "takes root, or a user namespace")) struct RuleTests {
    /// Rules next to what `ip` is told for the same.
    private static var rules: [(Rule, String)] {
        var masked = Rule(.v4, table: 100)
        masked.mark = 0x10
        masked.mask = 0xff
        masked.priority = 77
        var network = Rule(.v4, table: 101)
        network.source = AllowedIP("10.0.0.0/8")
        network.destination = AllowedIP("192.0.2.0/24")
        var networkV6 = Rule(.v6, table: 4_000_000_000)
        networkV6.source = AllowedIP("fd00::/8")
        networkV6.suppressedPrefixLength = 64
        return [
            (.unmarked(51820, .v4, table: 51820), "-4 rule add not fwmark 51820 table 51820"),
            (.mainWithoutDefault(.v4), "-4 rule add table main suppress_prefixlength 0"),
            (.unmarked(51820, .v6, table: 51820), "-6 rule add not fwmark 51820 table 51820"),
            (.mainWithoutDefault(.v6), "-6 rule add table main suppress_prefixlength 0"),
            (masked, "-4 rule add fwmark 0x10/0xff table 100 priority 77"),
            (network, "-4 rule add from 10.0.0.0/8 to 192.0.2.0/24 table 101"),
            (networkV6, "-6 rule add from fd00::/8 table 4000000000 suppress_prefixlength 64"),
            (Rule(.v4, table: 7), "-4 rule add table 7"),
        ]
    }

    @Test func rulesAreAddedAsIPDoes() async throws {
        let states = try await Stage.twins(commands: Self.rules.map(\.1)) { stage in
            for (rule, _) in Self.rules { try stage.conversation.addRule(rule) }
        }
        #expect(states.ours == states.reference)
    }

    @Test func rulesAreReadAsTheyWereAdded() async throws {
        try await Stage.run { stage in
            for (_, command) in Self.rules { try IPProgram.run(command) }
            for family in [IPAddress.Family.v4, .v6] {
                let read = try stage.conversation.rules(family)
                let priorities = try IPProgram.json("\(family == .v4 ? "-4" : "-6") rule").map {
                    $0["priority"] as? UInt32
                }
                #expect(read.map(\.priority) == priorities)
                for (rule, command) in Self.rules where rule.family == family {
                    #expect(read.count { $0.isSame(as: rule) } == 1, "\(command)")
                }
            }
        }
    }

    @Test func rulesAreRemovedAsIPDoes() async throws {
        let removals = [
            "-4 rule delete table 51820", "-4 rule delete table main suppress_prefixlength 0",
            "-6 rule delete table 51820", "-6 rule delete table main suppress_prefixlength 0",
        ]
        let states = try await Stage.twins(commands: Self.rules.map(\.1) + removals) { stage in
            for (rule, _) in Self.rules { try stage.conversation.addRule(rule) }
            for family in [IPAddress.Family.v4, .v6] {
                try stage.conversation.removeRule(Rule(family, table: 51820))
                try stage.conversation.removeRule(.mainWithoutDefault(family))
            }
        }
        #expect(states.ours == states.reference)
    }

    /// The same rule twice: what was read tells which.
    @Test func rulesThatWereReadAreRemovedOneByOne() async throws {
        try await Stage.run { stage in
            let before = try IPProgram.everything()
            for (_, command) in Self.rules { try IPProgram.run(command) }
            try IPProgram.run("-4 rule add table main suppress_prefixlength 0 priority 900")
            try IPProgram.run("-4 rule add from 10.0.0.0/8 table main suppress_prefixlength 0 priority 800")
            let wanted = try stage.conversation.rules(.v4).filter { $0.isSame(as: .mainWithoutDefault(.v4)) }
            #expect(wanted.count == 2)
            try stage.conversation.removeRule(wanted[1])
            let left = try stage.conversation.rules(.v4)
            #expect(left.contains(wanted[0]) && !left.contains(wanted[1]))
            for family in [IPAddress.Family.v4, .v6] {
                let standard: Set<UInt32> = [0, 32766, 32767]
                for rule in try stage.conversation.rules(family) where !standard.contains(rule.priority!) {
                    try stage.conversation.removeRule(rule)
                }
            }
            #expect(try IPProgram.everything() == before)
        }
    }

    /// They would be taken for those of `wg-quick` else.
    @Test func rulesWithOtherConditionsAreNotTheSame() async throws {
        try await Stage.run { stage in
            for condition in [
                "iif lo", "oif end", "tos 0x10", "uidrange 0-5", "ipproto tcp", "sport 5", "dport 6-7",
                "from 10.0.0.0/8",
            ] {
                try IPProgram.run("-4 rule add \(condition) table main suppress_prefixlength 0")
            }
            try IPProgram.run("-4 rule add blackhole fwmark 7")
            let rules = try stage.conversation.rules(.v4)
            #expect(rules.count == 8 + 3, "what asks no table is left out")
            #expect(!rules.contains { $0.isSame(as: .mainWithoutDefault(.v4)) })
        }
    }

    @Test func refusalsAreTold() async throws {
        try await Stage.run { stage in
            for family in [IPAddress.Family.v4, .v6] {
                #expect(throws: Errno.notFound) { try stage.conversation.removeRule(Rule(family, table: 51820)) }
                var rule = Rule.unmarked(51820, family, table: 51820)
                try stage.conversation.addRule(rule)
                rule.priority = try stage.conversation.rules(family).first { $0.table == 51820 }?.priority
                #expect(throws: Errno.exists) { try stage.conversation.addRule(rule) }
            }
        }
    }
}
