import TestSupport
import Testing

/// Traffic through tunnels while our wg changes them.
@Suite("Tunnels", .enabled(if: Laboratory.isPossible, Laboratory.obstacle))
struct TunnelTests {
    @Test("carry traffic once both ends know each other", arguments: Daemon.installed)
    func carryTraffic(_ daemon: Daemon) throws {
        let (left, right) = try pair(daemon)
        for address in right.addresses { #expect(try left.ping(address) == 3) }
        for (node, peer) in [(left, right), (right, left)] {
            let session = try Session(of: node, with: peer)
            #expect(session.latestHandshake > 0)
            // Six pings of 84 bytes at least, each way.
            #expect(session.received > 500 && session.sent > 500)
            try node.laboratory.expectAgreement(on: node.interface)
        }
    }

    @Test("need the same preshared key at both ends", arguments: Daemon.installed)
    func presharedKeys(_ daemon: Daemon) throws {
        let (left, right) = try pair(daemon)
        let key = try left.laboratory.write(left.laboratory.wg("genpsk"), to: "shared.psk")
        try left.set(["peer", right.publicKey, "preshared-key", key])
        #expect(try left.isCutOff(from: right.addresses[0]))
        // Made anew, as the daemon waits for seconds before it tries an old peer again.
        try right.set(["peer", left.publicKey, "remove"])
        try right.set(left.asPeer + ["preshared-key", key])
        #expect(try right.ping(left.addresses[0]) == 3)
    }

    @Test("live on when syncconf changes what does not concern them", arguments: Daemon.installed)
    func syncconfKeepsSessions(_ daemon: Daemon) throws {
        let (left, right) = try pair(daemon)
        #expect(try left.ping(right.addresses[0]) == 3)
        let before = try Session(of: left, with: right)

        let pings = try left.startPinging(right.addresses[0], count: 60)
        let stranger = try Identity("stranger", in: left.laboratory)
        let configuration = try left.laboratory.wg("showconf", left.interface)
        let additions = [
            "PersistentKeepalive = 60\n", "[Peer]\nPublicKey = \(stranger.publicKey)\nAllowedIPs = 10.7.0.0/16\n", "",
            "AllowedIPs = 10.8.0.0/16\n", "",
        ]
        for addition in additions {
            try left.laboratory.wg("syncconf", left.interface, "/dev/stdin", input: configuration + addition)
            let same = try right.laboratory.wg("showconf", right.interface)
            try right.laboratory.wg("syncconf", right.interface, "/dev/stdin", input: same)
        }
        #expect(try left.laboratory.wg("showconf", left.interface) == configuration)
        // The daemon has no allowed-ips for a moment while it replaces them.
        #expect(try pings.answers() >= 57)

        let after = try Session(of: left, with: right)
        #expect(after.latestHandshake == before.latestHandshake)
        #expect(after.received >= before.received + 57 * 84 && after.sent >= before.sent + 57 * 84)
    }

    @Test("let an allowed-ip move from one peer to the other", arguments: Daemon.installed)
    func allowedIPMoves(_ daemon: Daemon) throws {
        let nodes = try Laboratory.nodes("hub", "anna", "bert", with: daemon)
        let (hub, anna, bert) = (nodes[0], nodes[1], nodes[2])
        try hub.set(anna.asPeer + bert.asPeer)
        let service = "10.9.0.9"
        for node in [anna, bert] {
            try node.set(hub.asPeer)
            try node.laboratory.shell("ip address add $0/32 dev $1", service, node.interface, on: node.name)
        }

        try hub.set(["peer", anna.publicKey, "allowed-ips", "\(anna.allowedIPs),\(service)"])
        try expectAnswers(from: service, to: hub, by: anna, notBy: bert)
        try hub.set(["peer", bert.publicKey, "allowed-ips", "\(bert.allowedIPs),\(service)"])
        try expectAnswers(from: service, to: hub, by: bert, notBy: anna)

        guard daemon.takesRemovals else { return }
        try hub.set(
            ["peer", bert.publicKey, "allowed-ips", "-\(service)"]
                + ["peer", anna.publicKey, "allowed-ips", "+\(service)"])
        try expectAnswers(from: service, to: hub, by: anna, notBy: bert)
        try hub.set(["peer", anna.publicKey, "allowed-ips", "-\(service)"])
        #expect(try hub.isCutOff(from: service))
        #expect(try hub.ping(anna.addresses[1]) == 3)
        try hub.laboratory.expectAgreement(on: hub.interface)
    }

    @Test("are cut when a peer is removed, and only that peer's", arguments: Daemon.installed)
    func peerRemoved(_ daemon: Daemon) throws {
        let nodes = try Laboratory.nodes("hub", "anna", "bert", with: daemon)
        let (hub, anna, bert) = (nodes[0], nodes[1], nodes[2])
        try hub.set(anna.asPeer + bert.asPeer)
        for node in [anna, bert] {
            try node.set(hub.asPeer)
            #expect(try node.ping(hub.addresses[0]) == 3)
        }
        let handshake = try Session(of: hub, with: bert).latestHandshake
        try hub.set(["peer", anna.publicKey, "remove"])
        #expect(try hub.laboratory.wg("show", hub.interface, "peers") == bert.publicKey + "\n")
        #expect(try hub.isCutOff(from: anna.addresses[0]))
        #expect(try anna.isCutOff(from: hub.addresses[0]))
        #expect(try hub.ping(bert.addresses[0]) == 3)
        #expect(try Session(of: hub, with: bert).latestHandshake == handshake)
    }

    /// Two ends that know each other, the left one by `set`, the right one by `setconf`.
    private func pair(_ daemon: Daemon) throws -> (left: Node, right: Node) {
        let nodes = try Laboratory.nodes("left", "right", with: daemon)
        let (left, right) = (nodes[0], nodes[1])
        try left.set(right.asPeer)
        let configuration = """
            \(try right.laboratory.wg("showconf", right.interface))
            [Peer]
            PublicKey = \(left.publicKey)
            AllowedIPs = \(left.allowedIPs)
            """
        try right.laboratory.wg("setconf", right.interface, "/dev/stdin", input: configuration)
        return (left, right)
    }

    /// Counters tell which peer answers: pings are 84 bytes at least, and a silent peer may send a keepalive of 32.
    private func expectAnswers(
        from address: String, to hub: Node, by answering: Node, notBy silent: Node,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let before = try [answering, silent].map { try Session(of: hub, with: $0).received }
        #expect(try hub.ping(address, count: 5) == 5, sourceLocation: location)
        let after = try [answering, silent].map { try Session(of: hub, with: $0).received }
        #expect(after[0] - before[0] >= 5 * 84, sourceLocation: location)
        #expect(after[1] - before[1] < 2 * 84, sourceLocation: location)
    }
}
