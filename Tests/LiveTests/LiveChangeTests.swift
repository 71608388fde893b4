import TestSupport
import Testing

/// What changes about a tunnel of ours while it is in use.
@Suite("A tunnel in use", .enabled(if: Laboratory.isOpen, Laboratory.barrier))
struct LiveChangeTests {
    @Test("goes on with new keys")
    func keys() throws {
        let (left, right) = try livePair()
        let laboratory = left.laboratory
        // Who has a new private key is a new peer to the others, and its sessions are no more.
        let identity = try Identity("another", in: laboratory)
        try left.set(["private-key", identity.file])
        #expect(try left.isCutOff(from: right.addresses[0]))
        try right.set(["peer", left.publicKey, "remove"])
        try right.set(["peer", identity.publicKey, "endpoint", left.endpoint, "allowed-ips", left.allowedIPs])
        #expect(try right.ping(left.addresses[0]) == 3)
        #expect(try left.ping(right.addresses[1]) == 3)

        // A session outlives a new preshared key; the next handshake needs it at both ends.
        let key = try laboratory.write(laboratory.wg("genpsk"), to: "shared.psk")
        try left.set(["peer", right.publicKey, "preshared-key", key])
        #expect(try left.ping(right.addresses[0]) == 3)
        try left.set(["private-key", left.identity.file, "private-key", identity.file])
        try left.set(["private-key", left.identity.file])
        try left.set(["private-key", identity.file])
        #expect(try left.isCutOff(from: right.addresses[0]))
        try right.set(["peer", identity.publicKey, "preshared-key", key])
        #expect(try left.ping(right.addresses[1]) == 3)
    }

    @Test("follows a peer to another port", arguments: Node.Outside.allCases)
    func anotherPort(_ outside: Node.Outside) throws {
        let (left, right) = try livePair(over: outside)
        try right.set(["listen-port", "51999"])
        #expect(try right.ping(left.addresses[0]) == 3)
        #expect(try endpoint(of: left) == right.endpoint(outside).replacing("51820", with: "51999"))
        #expect(try left.ping(right.addresses[1]) == 3)
        // Any port, and back.
        for port in ["0", "51820"] {
            try right.set(["listen-port", port])
            #expect(try right.ping(left.addresses[0]) == 3)
        }
        #expect(try endpoint(of: left) == right.endpoint(outside))
    }

    /// The address that the peer has sent to is kept as the source, until it is gone.
    @Test("follows a peer to another address", arguments: Node.Outside.allCases)
    func anotherAddress(_ outside: Node.Outside) throws {
        let (left, right) = try livePair(over: outside)
        let (old, new) =
            outside == .v4 ? ("192.0.2.2/24", "192.0.2.77/24") : ("2001:db8::2/64", "2001:db8::77/64")
        let moving = """
            echo 1 >/proc/sys/net/ipv4/conf/cable/promote_secondaries
            ip address add $0 dev cable \(outside == .v4 ? "" : "nodad") && ip address del $1 dev cable
            """
        try right.laboratory.shell(moving, new, old, on: right.name)
        #expect(try right.ping(left.addresses[0]) == 3)
        #expect(try endpoint(of: left).contains("77"))
        #expect(try left.ping(right.addresses[1]) == 3)
        try right.laboratory.shell(moving, old, new, on: right.name)
        #expect(try right.ping(left.addresses[1]) == 3)
        #expect(try endpoint(of: left) == right.endpoint(outside))
    }

    @Test("leaves its port to others while its interface is down, and takes it back")
    func portWhileDown() throws {
        let (left, right) = try livePair()
        let laboratory = left.laboratory
        for _ in 0..<3 {
            try laboratory.shell("ip link set $0 down", left.interface, on: left.name)
            #expect(try laboratory.wg("show", left.interface, "listen-port") == "51820\n")
            do {
                let name = SocketName("0.0.0.0", port: 51820)
                let other = try InnerSocket(.init(2), to: name, on: left.name, in: laboratory)
                // The workers close their sockets a moment later.
                for attempt in 0..<100 {
                    if attempt == 99 { try other.bind(name) } else if (try? other.bind(name)) != nil { break }
                    try laboratory.shell("sleep 0.1")
                }
            }
            try laboratory.shell(
                "ip link set $0 up && ip address replace $1/64 dev $0", left.interface, left.addresses[1],
                on: left.name)
            #expect(try left.ping(right.addresses[0]) == 3)
        }
    }

    /// The kernel's interface does the same.
    @Test("keeps the port that the system chose when its interface goes down and up")
    func chosenPort() throws {
        let (left, right) = try livePair()
        let laboratory = left.laboratory
        try left.set(["listen-port", "0"])
        let port = try laboratory.wg("show", left.interface, "listen-port")
        #expect(port != "0\n" && port != "51820\n")
        try laboratory.shell("ip link set $0 down", left.interface, on: left.name)
        #expect(try laboratory.wg("show", left.interface, "listen-port") == port)
        try laboratory.shell("ip link set $0 up", left.interface, on: left.name)
        #expect(try left.ping(right.addresses[0]) == 3)
        #expect(try laboratory.wg("show", left.interface, "listen-port") == port)
    }

    @Test("says that a port is taken while its interface is down, too")
    func takenPortWhileDown() throws {
        let (left, _) = try livePair()
        let laboratory = left.laboratory
        try laboratory.shell("ip link set $0 down", left.interface, on: left.name)
        let name = SocketName("0.0.0.0", port: 51999)
        let taken = try InnerSocket(.init(2), to: name, on: left.name, in: laboratory)
        try taken.bind(name)
        let result = try laboratory.wg(.ours, ["set", left.interface, "listen-port", "51999"])
        #expect(result.status == 1 && result.err.contains("Address already in use"), "\(result.err)")
        #expect(try laboratory.wg("show", left.interface, "listen-port") == "51820\n")
    }

    @Test("reaches an endpoint that is an IPv4 address in IPv6 form")
    func mappedEndpoint() throws {
        let (left, right) = try Laboratory.pair()
        try right.set(left.asCaller)
        try left.set(right.asCaller + ["endpoint", "[::ffff:192.0.2.2]:51820"])
        #expect(try left.ping(right.addresses[0]) == 3)
        #expect(try endpoint(of: left) == "192.0.2.2:51820")
    }

    @Test("keeps its port when another one is taken, and changes nothing")
    func takenPort() throws {
        let (left, right) = try livePair()
        for (family, name) in [("IPv4", SocketName("0.0.0.0", port: 51999)), ("IPv6", SocketName("::", port: 51998))] {
            let taken = try InnerSocket(.init(2), to: name, on: left.name, in: left.laboratory)
            if family == "IPv6" { try taken.set(41, 26, 1) }
            try taken.bind(name)
            let before = try left.laboratory.wg("show", left.interface, "dump")
            let port = family == "IPv4" ? "51999" : "51998"
            for tool in Tool.allCases {
                let result = try left.laboratory.wg(
                    tool,
                    ["set", left.interface, "fwmark", "9", "listen-port", port, "peer", right.publicKey, "remove"])
                #expect(result.status == 1 && result.err.contains("Address already in use"), "\(family): \(result.err)")
            }
            #expect(try left.laboratory.wg("show", left.interface, "dump") == before)
            #expect(try left.ping(right.addresses[0]) == 3)
        }
    }

    @Test("marks its own packets", arguments: Node.Outside.allCases)
    func mark(_ outside: Node.Outside) throws {
        let (left, right) = try livePair(over: outside)
        let family = outside == .v4 ? "-4" : "-6"
        try left.laboratory.shell(
            """
            ip $0 rule add fwmark 0xca6c lookup main priority 1
            ip $0 rule add to $1 prohibit priority 2
            """, family, outside == .v4 ? "192.0.2.2" : "2001:db8::2", on: left.name)
        #expect(try left.isCutOff(from: right.addresses[0]))
        try left.set(["fwmark", "0xca6c"])
        #expect(try left.ping(right.addresses[0]) == 3)
        // Sockets that come later have it as well.
        try left.set(["listen-port", "51999"])
        #expect(try left.ping(right.addresses[1]) == 3)
        try left.set(["fwmark", "off"])
        #expect(try left.isCutOff(from: right.addresses[0]))
    }

    @Test("goes on with its stream, whatever changes")
    func streamGoesOn() throws {
        let (left, right) = try livePair()
        let stream = try Stream(from: left, to: right, at: right.addresses[0], count: 16 << 20)
        for round in 1...5 {
            // Who moves tells the other by a packet. One that was sent before may come after it, and turn back answers.
            try right.set(["listen-port", "\(52000 + round)"])
            #expect(try right.ping(left.addresses[1]) > 0)
            try left.set(["listen-port", "\(53000 + round)", "fwmark", "\(round)"])
            #expect(try left.ping(right.addresses[1]) > 0)
            try left.set(["peer", right.publicKey, "persistent-keepalive", "\(round)", "allowed-ips", right.allowedIPs])
            try left.laboratory.shell("ip link set $0 mtu $1", left.interface, "\(1300 + round * 20)", on: left.name)
            let others = (0..<20).map { Self.key(round * 20 + $0) }
            try left.set(others.flatMap { ["peer", $0, "allowed-ips", "10.8.0.0/16"] })
            try left.set(others.flatMap { ["peer", $0, "remove"] })
        }
        #expect(stream.end() == [])
        #expect(try left.ping(right.addresses[1]) == 3)
    }

    private static func key(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "A", count: 42 - digits.count) + digits + "A="
    }

    @Test("rests while its interface is down or has no key, and goes on afterwards")
    func rest() throws {
        let (left, right) = try livePair()
        for _ in 0..<3 {
            try left.laboratory.shell("ip link set $0 down", left.interface, on: left.name)
            #expect(try right.isCutOff(from: left.addresses[0]))
            try left.laboratory.shell(
                "ip link set $0 up && ip address replace $1/64 dev $0", left.interface, left.addresses[1],
                on: left.name)
            for address in right.addresses { #expect(try left.ping(address) == 3) }
            try left.set(["private-key", "/dev/null"])
            #expect(try left.isCutOff(from: right.addresses[0]))
            try left.set(["private-key", left.identity.file])
            #expect(try left.ping(right.addresses[0]) == 3)
        }
    }

    /// Both know each other's endpoint, and have a session.
    private func livePair(over outside: Node.Outside = .v4) throws -> (left: Node, right: Node) {
        let (left, right) = try Laboratory.pair()
        try left.set(right.asPeer(over: outside))
        try right.set(left.asPeer(over: outside))
        #expect(try left.ping(right.addresses[0]) == 3)
        return (left, right)
    }

    /// Of the node's only peer.
    private func endpoint(of node: Node) throws -> String {
        let line = try node.laboratory.wg("show", node.interface, "endpoints").lines[0]
        return String(line.split(separator: "\t")[1])
    }
}
