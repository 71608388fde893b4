import Glibc
import TestSupport
import Testing

/// What takes its time by the protocol.
@Suite("In the course of minutes", .enabled(if: Laboratory.isOpen, Laboratory.barrier))
struct DrawnOutTests {
    private static let rekeying = EarlyStart { try Conversations().renewTheirSessions() }
    private static let recovering = EarlyStart { try recover() }
    private static let keepingAlive = EarlyStart { try keepMappingAlive() }

    @Test("sessions are renewed under traffic, with every daemon, whoever began, and nothing is lost", rekeying)
    func rekey() async throws { try await Self.rekeying.outcome() }

    @Test("a peer that was killed and comes back is found again", recovering)
    func recovery() async throws { try await Self.recovering.outcome() }

    @Test("a way through address translation stays open by persistent keepalives", keepingAlive)
    func keepalive() async throws { try await Self.keepingAlive.outcome() }

    /// One daemon of ours is killed and started anew, and cannot call: the other finds out.
    private static func recover() throws {
        let (left, dying) = try Laboratory.pair()
        try left.set(dying.asPeer)
        try dying.set(left.asPeer)
        try require(try left.ping(dying.addresses[0]) == 3, "a session")
        try dying.daemon.kill()
        let right = try dying.restarted(.ours)
        try right.set(left.asCaller)
        let conversation = try Conversation(left, right)
        try conversation.near.wait(seconds: 0, microseconds: 100_000)
        try conversation.far.wait(seconds: 0, microseconds: 100_000)
        // Data is unanswered for 15 seconds before a new handshake is tried.
        var turn: UInt32 = 0
        while try !conversation.isAnswered(turn) {
            turn += 1
            try require(turn < 300, "an answer in 30 seconds")
        }
        // Who comes back and can call is heard at once.
        try right.daemon.kill()
        let again = try right.restarted(.ours)
        try again.set(left.asPeer)
        try require(try again.ping(left.addresses[0], count: 1) == 1, "an answer to one that restarted")
        try require(try left.ping(again.addresses[1]) == 3, "answers from one that restarted")
    }

    /// Left is behind a translation that forgets after two seconds.
    private static func keepMappingAlive() throws {
        let (left, right) = try Laboratory.pair()
        try left.laboratory.shell(
            """
            nft add table nat
            nft add chain nat out '{ type nat hook postrouting priority 100; }'
            nft add rule nat out oif cable meta l4proto udp masquerade to :30000-30999
            cd /proc/sys/net/netfilter && echo 2 | tee nf_conntrack_udp_timeout nf_conntrack_udp_timeout_stream
            """, on: left.name)
        try left.set(right.asPeer + ["persistent-keepalive", "1"])
        try right.set(left.asCaller)
        try require(try left.ping(right.addresses[0]) == 3, "a session")
        sleep(6)
        let endpoints = try right.laboratory.wg("show", right.interface, "endpoints")
        try require(endpoints.contains("192.0.2.1:30"), "a translated port, not \(endpoints)")
        try require(try right.ping(left.addresses[0]) == 3, "answers through the mapping")
        try left.set(["peer", right.publicKey, "persistent-keepalive", "off"])
        sleep(6)
        try require(try right.isCutOff(from: left.addresses[0]), "a mapping that is forgotten without keepalives")
        try require(try left.ping(right.addresses[0]) == 3, "a new mapping")
        try require(try right.ping(left.addresses[1]) == 3, "answers through the new mapping")
    }
}

func require(_ isThere: Bool, _ what: String) throws {
    if !isThere { throw LaboratoryError("not there: \(what)") }
}

/// One with each daemon, whoever begins; each in a laboratory of its own.
private struct Conversations {
    private let all: [Conversation]

    init() throws {
        all = try Daemon.installed.flatMap { other in
            try (other == .ours ? [true] : [true, false]).map { areWeCalling in
                let nodes = try Laboratory.nodes(
                    [Node.Make(name: "ours", daemon: .ours), Node.Make(name: other.rawValue + "s", daemon: other)])
                let (caller, called) = areWeCalling ? (nodes[0], nodes[1]) : (nodes[1], nodes[0])
                try called.set(caller.asCaller)
                try caller.set(called.asPeer)
                return try Conversation(caller, called)
            }
        }
    }

    /// Sessions are renewed by who began them when they are two minutes old.
    func renewTheirSessions() throws {
        var turn: UInt32 = 0
        try talk(for: 1, &turn)
        let before = try all.map { try $0.handshakes() }
        try talk(for: 118, &turn)
        var isRenewed = false
        for _ in 0..<30 where !isRenewed {
            try talk(for: 1, &turn)
            isRenewed = try zip(all, before).allSatisfy { zip(try $0.handshakes(), $1).allSatisfy { $0 > $1 } }
        }
        for (conversation, before) in zip(all, before) {
            let after = try conversation.handshakes()
            let what = "\(conversation.caller.name) calling \(conversation.called.name), \(before), \(after)"
            try require(zip(after, before).allSatisfy { $0 - $1 >= 119 }, "new handshakes after two minutes: \(what)")
        }
        try talk(for: 3, &turn)
    }

    private func talk(for seconds: Int, _ turn: inout UInt32) throws {
        for _ in 0..<(seconds * 5) {
            for conversation in all {
                try require(
                    try conversation.isAnswered(turn),
                    "an answer to \(conversation.caller.name) from \(conversation.called.name), turn \(turn)")
            }
            turn += 1
            usleep(200_000)
        }
    }
}
