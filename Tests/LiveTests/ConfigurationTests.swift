import TestSupport
import Testing

/// What ours and the reference do to one daemon each, and see of it, step by step.
@Suite("A live daemon", .enabled(if: Laboratory.isPossible, Laboratory.obstacle))
struct ConfigurationTests {
    @Test(
        "the newest wireguard-go takes part",
        .enabled(if: Daemon.installed.contains(.newest), "Tests/Peers/fetch brings it"))
    func newestTakesPart() throws {
        try Laboratory().start(.newest, "wg0")
    }

    @Test("ends where the reference brings it, step by step", arguments: Daemon.installed)
    func goesAlong(_ daemon: Daemon) throws {
        let laboratory = try Laboratory(machines: ["left", "right"])
        try laboratory.start(daemon, "ours", on: "left")
        try laboratory.start(daemon, "theirs", on: "right")
        let scenario = try Scenario(in: laboratory)
        for step in scenario.steps where Tool.hasNewest || !step.isNew {
            let ours = try laboratory.wg(.ours, step.arguments(for: "ours"), input: step.input)
            let theirs = try laboratory.wg(.reference, step.arguments(for: "theirs"), input: step.input)
            #expect(ours.status == theirs.status, "\(step.words): \(ours.err)")
            #expect(ours.out == theirs.out, "\(step.words)")
            #expect(ours.err.isEmpty == theirs.err.isEmpty, "\(step.words): \(ours.err)")
            let states = try ["ours", "theirs"].map { try laboratory.wg(.reference, ["show", $0, "dump"]) }
            #expect(Sight(states[0]) == Sight(states[1]), "\(step.words)")
        }
        try laboratory.expectAgreement(on: "ours")
        #expect(try laboratory.wg("showconf", "ours") == scenario.ending)
    }

    @Test("looks the same to ours and the reference", arguments: Daemon.installed)
    func looksTheSame(_ daemon: Daemon) throws {
        let laboratory = try Laboratory()
        try laboratory.start(daemon, "wg0")
        try laboratory.expectAgreement(on: "wg0")
        let own = try Identity("own", in: laboratory)
        try laboratory.wg("set", "wg0", "private-key", own.file, "fwmark", "51820")
        try laboratory.expectAgreement(on: "wg0")
        for number in 1...3 {
            let peer = try Identity("peer", in: laboratory)
            try laboratory.wg(
                "set", "wg0", "peer", peer.publicKey, "preshared-key", peer.file, "endpoint", "192.0.2.\(number):7",
                "allowed-ips", "10.0.\(number).0/24,fd00:\(number)::/64", "persistent-keepalive", "\(number * 60)")
            try laboratory.expectAgreement(on: "wg0")
        }
        // And beside a second one without anything.
        try laboratory.start(daemon, "wg1")
        try laboratory.expectAgreement(on: "wg0")
    }

    @Test("takes a configuration from showconf back", arguments: Daemon.installed)
    func roundTrip(_ daemon: Daemon) throws {
        let laboratory = try Laboratory(machines: ["left", "right"])
        try laboratory.start(daemon, "wg0", on: "left")
        try laboratory.start(daemon, "wg1", on: "right")
        let own = try Identity("own", in: laboratory)
        let peer = try Identity("peer", in: laboratory)
        try laboratory.wg(
            "set", "wg0", "listen-port", "51820", "private-key", own.file, "fwmark", "7",
            "peer", peer.publicKey, "allowed-ips", "10.0.0.0/8,::/0", "endpoint", "[2001:db8::1]:51820",
            "persistent-keepalive", "25")
        let configuration = try laboratory.wg("showconf", "wg0")
        try laboratory.wg("setconf", "wg1", "/dev/stdin", input: configuration)
        #expect(try laboratory.wg("showconf", "wg1") == configuration)
    }
}
