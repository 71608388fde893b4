import TestSupport
import Testing

/// The lines about peers in a daemon's log with LOG_LEVEL=verbose, as users of wireguard-go expect them.
@Suite("The log of a tunnel", .enabled(if: Laboratory.isOpen, Laboratory.barrier))
struct LogLineTests {
    @Test("tells of handshakes, keepalives and configuration at both ends")
    func handshake() throws {
        let (left, right) = try Laboratory.pair()
        try left.set(right.asPeer + ["persistent-keepalive", "1"])
        try right.set(left.asCaller)
        #expect(try left.ping(right.addresses[0]) == 3)
        let toRight = "debug: peer(\(short(right.publicKey))) - "
        try expect(
            left,
            [
                "debug: Private key is set", "debug: Listening on port 51820", "debug: Interface is up",
                toRight + "Added", toRight + "Allowed-ips are changed",
                toRight + "Endpoint is set to 192.0.2.2:51820", toRight + "Persistent keepalive every 1 seconds",
                toRight + "Sending handshake initiation", toRight + "Received handshake response",
                toRight + "Sending keepalive packet",
            ])
        let toLeft = "debug: peer(\(short(left.publicKey))) - "
        try expect(
            right,
            [
                toLeft + "Received handshake initiation", toLeft + "Sending handshake response",
                toLeft + "Endpoint is now 192.0.2.1:51820", toLeft + "Received keepalive packet",
            ])
        try right.set(["peer", left.publicKey, "remove"])
        try right.laboratory.shell("ip link set $0 mtu 1300 && ip link set $0 down", right.interface, on: right.name)
        try expect(right, [toLeft + "Removed", "debug: MTU is 1300", "debug: Interface is down"])
    }

    @Test("tells of packets that are dropped, and of a peer that moves")
    func dropped() throws {
        let (left, right) = try Laboratory.pair()
        try left.set(right.asPeer)
        try right.set(left.asPeer)
        #expect(try left.ping(right.addresses[0]) == 3)
        let laboratory = left.laboratory
        try laboratory.shell(
            """
            ip address add 10.9.0.77/32 dev $0
            ping -c 1 -W 1 -I 10.9.0.77 $1; ping -c 1 -W 1 10.9.0.99; true
            """, left.interface, right.addresses[0], on: left.name)
        let toLeft = "debug: peer(\(short(left.publicKey))) - "
        try expect(right, [toLeft + "No allowed-ip for source 10.9.0.77 of a packet from the peer"])
        try expect(left, ["debug: No allowed-ip for 10.9.0.99"])
        try left.set(["listen-port", "51999"])
        #expect(try left.ping(right.addresses[0]) == 3)
        try expect(right, [toLeft + "Endpoint is now 192.0.2.1:51999"])
        try left.set(["peer", right.publicKey, "remove", "peer", right.publicKey, "allowed-ips", right.allowedIPs])
        #expect(try left.isCutOff(from: right.addresses[0]))
        try expect(left, ["debug: peer(\(short(right.publicKey))) - No endpoint is known: packet is not sent"])
    }

    @Test("tells of handshakes that lead nowhere, from both sides")
    func unanswered() throws {
        let (left, right) = try Laboratory.pair()
        // Left is not a peer of right.
        try left.set(right.asPeer)
        _ = try left.ping(right.addresses[0], count: 1)
        try expect(
            left,
            [
                "debug: peer(\(short(right.publicKey))) - "
                    + "Handshake did not complete after 5 seconds, retrying (try 2)"
            ])
        try expect(
            right,
            [
                "debug: Received handshake initiation of unknown peer(\(short(left.publicKey))) from 192.0.2.1:51820"
            ])
        let message = #"\x01\x00\x00\x00"# + String(repeating: #"\x07"#, count: 144)
        try left.laboratory.shell("printf '\(message)' >/dev/udp/192.0.2.2/51820", on: left.name)
        for _ in 0..<100 where try !lines(of: right).contains(where: { $0.contains("invalid mac1") }) {
            try left.laboratory.shell("sleep 0.1")
        }
        #expect(
            try lines(of: right).contains { $0.hasPrefix("debug: Received packet with invalid mac1 from 192.0.2.1:") })
    }

    @Test("says nothing of all this without LOG_LEVEL=verbose, and never a secret")
    func quiet() throws {
        let (left, right) = try Laboratory.pair()
        let laboratory = left.laboratory
        let key = try laboratory.write(laboratory.wg("genpsk"), to: "shared.psk")
        try left.set(right.asPeer + ["preshared-key", key])
        try right.set(left.asPeer + ["preshared-key", key])
        #expect(try left.ping(right.addresses[0]) == 3)
        let log = try laboratory.shell("cat $0", laboratory.path("log"))
        #expect(log.contains("Preshared key is set"))
        for file in [key, left.identity.file, right.identity.file] {
            let secret = try laboratory.shell("cat $0", file).lines[0]
            #expect(!log.contains(secret) && !log.contains(secret.prefix(8)))
        }
        let output = try laboratory.shell(
            """
            "$0" wg-silent 2>"$1.silent" && ip link set wg-silent up && "$2" set wg-silent private-key "$3" \
                peer "$4" allowed-ips 10.99.0.0/16 && sleep 0.2 && ip link del wg-silent && cat "$1.silent"
            """, Daemon.ours.path, laboratory.path("log"), Tool.ours.path, left.identity.file, right.publicKey)
        #expect(output == "")
    }

    // MARK: Lines

    /// Expects each of these in the log within a while, as a whole line.
    private func expect(_ node: Node, _ expected: [String], at location: SourceLocation = #_sourceLocation) throws {
        var missing = Set(expected)
        for _ in 0..<150 {
            missing = try Set(expected).subtracting(lines(of: node))
            if missing.isEmpty { return }
            try node.laboratory.shell("sleep 0.1")
        }
        let written = try lines(of: node)
        #expect(missing == [], "\(written)", sourceLocation: location)
    }

    private func lines(of node: Node) throws -> [String] {
        let prefix = "wireguard-swift: \(node.interface): "
        return try node.laboratory.shell("cat $0", node.laboratory.path("log")).lines
            .filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }

    private func short(_ key: String) -> String { "\(key.prefix(4))…\(key.dropLast().suffix(4))" }
}
