import TestSupport
import Testing

/// README's way to a tunnel between two hosts, gone as it is written.
@Suite("A tunnel between two hosts", .enabled(if: Site.isPossible, "\(Site.lack)"))
struct WalkThroughTests {
    private let recipe: Recipe
    private let first: Machine
    private let second: Machine

    private var both: [Machine] { [first, second] }

    init() throws {
        recipe = try Recipe(readmeSection: "A tunnel between two hosts")
        let site = try Site()
        try site.addSwitch("internet")
        first = try site.machine("first")
        second = try site.machine("second")
        try first.connect("eth0", to: "internet", address: "192.0.2.1/24")
        try second.connect("eth0", to: "internet", address: "192.0.2.2/24")
    }

    @Test("is there after what README says, can be changed, and leaves nothing")
    func asWritten() throws {
        let empty = try both.map(state)
        let keys = try both.map { try $0.shell(recipe.commands("On both hosts, as root:")) }
        try write(to: first, "first", keyOfOther: keys[1])
        try write(to: second, "second", keyOfOther: keys[0])
        for host in both { try host.shell(recipe.commands("On both hosts, as root, again:")) }

        let sight = try second.shell(recipe.commands("On the second host, look at it:"))
        #expect(sight.contains("3 received"))
        #expect(sight.contains("latest handshake: "))
        #expect(sight.contains("allowed ips: 10.0.0.1/32"))

        try first.shell("sed -i 's|10.0.0.2/32|&, 10.0.7.0/24|' /etc/wireguard/wg0.conf")
        try first.shell(recipe.commands("On either host, after a change:"))
        #expect(try first.shell("wg show wg0 allowed-ips; ip route").contains("10.0.7.0/24 dev wg0"))
        #expect(try second.shell("ping -c 1 -W 10 10.0.0.1").contains("1 received"))

        for host in both { try host.shell(recipe.commands("And in the end, on both hosts:")) }
        #expect(try both.map(state) == empty)
    }

    private func write(to host: Machine, _ name: String, keyOfOther key: String) throws {
        let text = try recipe.commands("On the \(name) host, `/etc/wireguard/wg0.conf`:")
        let other = name == "first" ? "SECOND" : "FIRST"
        #expect(text.contains("KEY_OF_THE_" + other))
        try host.write(
            text.replacing("KEY_OF_THE_" + other + "\n", with: key), to: "/etc/wireguard/wg0.conf")
    }

    /// Of the networks, what does not come by itself in a while, as addresses of IPv6 do.
    private func state(of host: Machine) throws -> String {
        try host.shell("ip -o link | cut -d : -f 2; ip -4 route show table all; ip rule; nft list ruleset")
    }
}
