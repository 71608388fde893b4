import TestSupport

/// A machine with a tunnel's end: a daemon, its interface up, with an address in 10.9.0.0/24 and fd09::/64.
struct Node {
    let name: String
    let identity: Identity
    let laboratory: Laboratory
    /// It starts on its machine, but its interface may be moved.
    let daemon: Process
    /// The last part of its addresses, inside the tunnel and outside.
    private let number: Int

    var interface: String { "wg-" + name }
    var publicKey: String { identity.publicKey }
    var addresses: [String] { ["10.9.0.\(number)", "fd09::\(number)"] }
    var allowedIPs: String { "10.9.0.\(number)/32,fd09::\(number)/128" }
    var endpoint: String { endpoint(.v4) }

    /// The network that the tunnel's own packets go through.
    enum Outside: CaseIterable {
        case v4, v6
    }

    func endpoint(_ outside: Outside) -> String {
        switch outside {
        case .v4: "192.0.2.\(number):51820"
        case .v6: "[2001:db8::\(number)]:51820"
        }
    }

    /// Needs the switch that `Laboratory.nodes` puts up.
    fileprivate init(_ make: Make, _ number: Int, in laboratory: Laboratory) throws {
        (name, self.number, self.laboratory) = (make.name, number, laboratory)
        identity = try Identity(name, in: laboratory)
        try laboratory.shell(
            """
            ip link add cable netns "$0" type veth peer name "to-$0"
            ip link set "to-$0" master switch up
            ip -n "$0" address add "192.0.2.$1/24" dev cable
            ip -n "$0" address add "2001:db8::$1/64" dev cable nodad
            ip -n "$0" link set cable up
            """, name, "\(number)")
        daemon = try laboratory.start(make.daemon, "wg-" + name, on: name, environment: make.environment)
        try bringUp()
    }

    /// What is lost when the daemon ends.
    private func bringUp() throws {
        try laboratory.shell(
            """
            ip address add "10.9.0.$1/24" dev "$0"
            ip address add "fd09::$1/64" dev "$0"
            ip link set "$0" up
            """, interface, "\(number)", on: name)
        try laboratory.wg("set", interface, "listen-port", "51820", "private-key", identity.file)
    }

    /// The same node with a new daemon in the place of one that is gone.
    func restarted(_ daemon: Daemon) throws -> Node {
        let node = Node(
            name: name, identity: identity, laboratory: laboratory,
            daemon: try laboratory.start(daemon, interface, on: name), number: number)
        try node.bringUp()
        return node
    }

    private init(name: String, identity: Identity, laboratory: Laboratory, daemon: Process, number: Int) {
        (self.name, self.identity, self.laboratory, self.daemon, self.number) = (
            name, identity, laboratory, daemon, number
        )
    }

    /// The words of `wg set` that make this node somebody's peer.
    var asPeer: [String] { ["peer", publicKey, "endpoint", endpoint, "allowed-ips", allowedIPs] }

    /// The same without an endpoint: the peer has to come by itself.
    var asCaller: [String] { ["peer", publicKey, "allowed-ips", allowedIPs] }

    func asPeer(over outside: Outside) -> [String] { asCaller + ["endpoint", endpoint(outside)] }

    func set(_ words: [String]) throws {
        let result = try laboratory.wg(.ours, ["set", interface] + words)
        guard result.status == 0 else { throw LaboratoryError("wg set \(words): \(result.err)") }
    }

    /// Sends some pings and tells how many were answered. The first one may have to wait for a handshake.
    func ping(_ address: String, count: Int = 3) throws -> Int {
        try startPinging(address, count: count).answers()
    }

    /// Whether a ping gets no answer within a second.
    func isCutOff(from address: String) throws -> Bool {
        try startPinging(address, count: 1, patience: 1).answers() == 0
    }

    /// One program each: a single one's patience ends with two times the slowest answer so far.
    func startPinging(_ address: String, count: Int, patience: Int = 10) throws -> Pings {
        let report = laboratory.path("pings-\(address)")
        let number = try laboratory.shell(
            """
            { for ((ping = 0; ping < $0; ping++)); do ping -c 1 -W $1 $2 & sleep 0.05; done; wait; } >$3 2>&1 &
            echo $!
            """, "\(count)", "\(patience)", address, report, on: name)
        return Pings(process: Process(number: number.lines[0], laboratory: laboratory), report: report)
    }
}

/// Pings under way.
struct Pings {
    fileprivate let process: Process
    fileprivate let report: String

    /// Waits for the last one and tells how many were answered.
    func answers() throws -> Int {
        try process.wait()
        return try process.laboratory.shell("cat $0", report).lines.count { $0.contains(" bytes from ") }
    }
}

extension Node {
    /// What a node is made of.
    struct Make {
        let name: String
        let daemon: Daemon
        /// NAME=VALUE
        var environment: [String] = []
    }
}

extension Laboratory {
    /// A laboratory with nodes on one switch, in the order of their names.
    static func nodes(_ names: String..., with daemon: Daemon) throws -> [Node] {
        try nodes(names.map { Node.Make(name: $0, daemon: daemon) })
    }

    static func nodes(_ makes: [Node.Make]) throws -> [Node] {
        let laboratory = try Laboratory(machines: makes.map(\.name))
        try laboratory.shell("ip link add switch type bridge mcast_snooping 0 && ip link set switch up")
        return try makes.enumerated().map { try Node($1, $0 + 1, in: laboratory) }
    }

    /// Two of ours.
    static func pair(_ environments: [[String]] = [[], []]) throws -> (left: Node, right: Node) {
        let nodes = try nodes(
            [
                Node.Make(name: "left", daemon: .ours, environment: environments[0]),
                Node.Make(name: "right", daemon: .ours, environment: environments[1]),
            ])
        return (nodes[0], nodes[1])
    }
}

/// What passed between a node and one of its peers.
struct Session: Equatable {
    let latestHandshake: Int
    let received: Int
    let sent: Int

    /// As our wg tells it.
    init(of node: Node, with peer: Node) throws {
        let lines = try node.laboratory.wg("show", node.interface, "dump").lines
        guard let fields = lines.map({ $0.split(separator: "\t") }).first(where: { $0[0] == peer.publicKey }) else {
            throw LaboratoryError("\(node.name) has no peer \(peer.name)")
        }
        (latestHandshake, received, sent) = (Int(fields[4])!, Int(fields[5])!, Int(fields[6])!)
    }
}
