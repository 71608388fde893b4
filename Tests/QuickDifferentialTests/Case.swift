import Testing

/// What is done with wg-quick on a machine of its own.
struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    /// In the words of `Stage/stage`.
    let script: String

    var testDescription: String { name }

    init(_ name: String, _ script: String) {
        self.name = name
        self.script = script
    }

    /// The steps with `wg0`, whose file has these lines after its private key, and then these peers.
    init(
        _ name: String, interface: String = "", peers: String = "", before: String = "",
        steps: String = "quick up wg0\nquick down wg0"
    ) {
        let file = "[Interface]\nPrivateKey = \(Key.own)\nListenPort = 5180\n\(interface)\n\(peers)"
        self.init(name, "config wg0.conf <<'END OF FILE'\n\(file)\nEND OF FILE\n\(before)\n\(steps)")
    }

    static let all: [Case] =
        CommandLineCases.all + FileCases.all + AddressCases.all + LinkCases.all + RouteCases.all
        + DefaultRouteCases.all + FirewallCases.all + NameServerCases.all + HookCases.all + SaveCases.all
        + DownCases.all
}

/// Keys of nobody.
enum Key {
    static let own = "oK56DE9Ue9zK76rAc8pBl6opph+1v36lm7cXXsQKrQM="
    static let ownPublic = "cL9S5KV5wAy/AsKyYct3qz9BHxe5FYqxlb/eDthF/VY="
    static let peers = [
        "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=", "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=",
        "gN65BkIKy1eCE9pP1wdc8ROUtkHLF2PfAqYdyYBz6EA=",
    ]
}

/// The section of the peer of that number, with these lines after its key.
func peer(_ number: Int = 0, allowed: String? = nil, endpoint: String? = nil, _ more: String = "") -> String {
    var section = "[Peer]\nPublicKey = \(Key.peers[number])\n"
    if let allowed { section += "AllowedIPs = \(allowed)\n" }
    if let endpoint { section += "Endpoint = \(endpoint)\n" }
    return section + more + "\n"
}
