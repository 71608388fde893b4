import TestSupport
import Testing

/// Two heads, a network behind them, and clients, set up by the manual wireguard-ha(7) as it stands.
struct HeadsAndClients {
    let recipe: Recipe
    let heads: [Machine]
    let core: Machine
    let clients: [Machine]
    /// The manual's stand-ins for public keys, and the keys.
    private let keys: [(standIn: String, key: String)]

    private var all: [Machine] { heads + [core] + clients }

    init(section: String, clients count: Int) throws {
        recipe = try Recipe(page: "wireguard-ha.7", section: section)
        let site = try Site()
        for name in ["internet", "office"] { try site.addSwitch(name) }
        heads = try (1...2).map { number in
            let head = try site.machine("head\(number)")
            try head.connect("eth0", to: "internet", address: "192.0.2.\(number)/24")
            try head.connect("eth1", to: "office", address: "10.20.0.\(number)/24")
            return head
        }
        core = try site.machine("core")
        try core.connect("eth0", to: "office", address: "10.20.0.10/24")
        clients = try (0..<count).map { index in
            let client = try site.machine("client\(index)")
            try client.connect("eth0", to: "internet", address: "192.0.2.\(101 + index)/24")
            return client
        }
        let making = try Recipe(page: "wireguard-ha.7", section: "DESCRIPTION").commands("everywhere")
        keys = try (heads + clients).map {
            ("KEY_OF_" + $0.name.uppercased(), try $0.shell(making).split(separator: "\n").joined())
        }
        try writeFiles()
    }

    private func writeFiles() throws {
        for (index, client) in clients.enumerated() {
            for file in recipe.files(of: "client") { try client.write(filled(file.text, index), to: file.path) }
        }
        for file in recipe.files(of: "head1") {
            let text = withPeers(file.text)
            try heads[0].write(text, to: file.path)
            try heads[1].write(Self.ofHead2(text), to: file.path)
        }
        for file in recipe.files(of: "core") { try core.write(file.text, to: file.path) }
    }

    /// The manual's client is the first; the numbers of others are higher.
    private func filled(_ text: String, _ index: Int) -> String {
        let numbered = text.replacing("11", with: "\(11 + index)").replacing(
            "KEY_OF_CLIENT", with: "KEY_OF_CLIENT\(index)")
        return keys.reduce(numbered) { $0.replacing($1.standIn, with: $1.key) }
    }

    /// With the peer at the end of a head's file once for each client.
    private func withPeers(_ text: String) -> String {
        guard let peer = text.firstRange(of: "[Peer]")?.lowerBound else { return text }
        return text[..<peer] + clients.indices.map { filled(String(text[peer...]), $0) }.joined(separator: "\n")
    }

    /// Head 1's file, with the differences that the manual tells.
    private static func ofHead2(_ text: String) -> String {
        text.replacing("10.9.0.1/24", with: "10.9.0.2/24").replacing("10.9.1", with: "10.9.2")
            .replacing("spare = false", with: "spare = true")
    }

    func commands(_ tag: String) throws -> String { filled(try recipe.commands(tag), 0) }
}

extension HeadsAndClients {
    static let isPossible =
        Site.isPossible && ["/usr/sbin/bird", "/usr/sbin/nft"].allSatisfy(Places.exists)

    /// The address of the head that a client's packets to the core go through, if they go anywhere now.
    func head(of client: Machine) throws -> String? {
        // Answered by the first machine on the way, which is the head.
        let answer = try client.run("ping -n -c 1 -W 1 -t 1 10.20.0.10").out
        return answer.firstMatch(of: /From ([0-9.]+) .*exceeded/).map { String($0.1) }
    }

    /// Waits until all clients reach the core through this head.
    func expectAll(through address: String, _ location: SourceLocation = #_sourceLocation) throws {
        for client in clients {
            if try eventually({ try head(of: client) == address && reachesCore(client) }) { continue }
            let views = try (heads + [client]).map { "\n\($0.name):\n" + (try $0.run(Self.viewing).out) }
            Issue.record(
                "\(client.name) does not go through \(address)\(views.joined())", sourceLocation: location)
        }
    }

    private static let viewing = "wg show; ip -4 route; birdc show protocols; birdc show route; birdc show bfd sessions"

    private func reachesCore(_ client: Machine) throws -> Bool {
        try client.run("ping -c 1 -W 1 10.20.0.10").status == 0
    }

    /// Ends head 1's daemon, which gets no time to say goodbye.
    func killHead1() throws {
        let line = "kill -KILL $(pidof wireguard-swift); while ip link show wg0; do sleep 0.01; done 2>&1"
        try heads[0].shell(line)
    }
}

/// Whether something becomes true before two minutes are over.
func eventually(_ isTrue: () throws -> Bool) throws -> Bool {
    let start = ContinuousClock.now
    while ContinuousClock.now - start < .seconds(120) {
        if try isTrue() { return true }
    }
    return false
}
