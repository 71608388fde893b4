import TestSupport
import Testing

/// The first examples of wg-quick(8), as they are written: all traffic through a server, and nothing around it.
@Suite("Default route and kill switch", .enabled(if: Site.isPossible, "\(Site.lack)"))
struct KillSwitchTests {
    private let examples: Recipe
    private let server: Machine
    private let client: Machine
    /// Another machine on the client's network.
    private let neighbour: Machine

    init() throws {
        examples = try Recipe(page: "wg-quick.8", section: "EXAMPLES")
        let site = try Site()
        try site.addSwitch("internet")
        (server, client, neighbour) = try (site.machine("server"), site.machine("client"), site.machine("neighbour"))
        for (number, machine) in [server, client, neighbour].enumerated() {
            try machine.connect("eth0", to: "internet", address: "192.0.2.\(number + 1)/24")
        }
        try client.shell("cat >/usr/local/bin/resolvconf; chmod 755 /usr/local/bin/resolvconf", input: Self.resolvconf)
        let keys = try [server, client].map { try $0.shell(Self.making) }
        try server.write(Self.serverFile(keyOfClient: keys[1]), to: "/etc/wireguard/wg0.conf")
        try server.shell("wg-quick up wg0 && ip address add 10.77.0.1/32 dev lo")
        try client.write(clientFile(keyOfServer: keys[0]), to: Self.file)
    }

    @Test("all traffic takes the tunnel, but for the local network, as the example says")
    func tunnelled() throws {
        try client.shell("wg-quick up wg0")
        #expect(try client.shell("cat /run/resolvconf") == "-a wg0 -m 0 -x\nnameserver 10.0.0.1\n")
        #expect(try reaches("10.77.0.1"))
        #expect(try reaches("192.0.2.3"))
        try client.shell("wg-quick down wg0")
        #expect(try !reaches("10.77.0.1"))
    }

    @Test("with the kill switch, nothing goes around the tunnel while it is up")
    func nothingElse() throws {
        let lines = try examples.commands(about: "kill switch").replacing(/\\\n */, with: "")
        try client.shell("sed -i \"/^PrivateKeyFile/r /dev/stdin\" \(Self.file)", input: lines)
        #expect(try reaches("192.0.2.3"))
        try client.shell("wg-quick up wg0")
        #expect(try reaches("10.77.0.1"))
        #expect(try !reaches("192.0.2.3"))
        try client.shell("wg-quick down wg0")
        #expect(try reaches("192.0.2.3"))
        #expect(try client.shell("nft list ruleset") == "")
    }

    private static let file = "/etc/wireguard/wg0.conf"
    private static let making = "umask 077; wg genkey >/etc/wireguard/wg0.key; wg pubkey </etc/wireguard/wg0.key"
    private static let resolvconf = """
        #!/bin/sh
        echo "$*" >>/run/resolvconf
        [ "$1" != -a ] || cat >>/run/resolvconf

        """

    private static func serverFile(keyOfClient key: String) -> String {
        """
        [Interface]
        Address = 10.0.0.1/24, fd00::1/64
        ListenPort = 51820
        PrivateKeyFile = wg0.key
        [Peer]
        PublicKey = \(key)AllowedIPs = 10.0.0.2/32, fd00::2/128

        """
    }

    private func clientFile(keyOfServer key: String) throws -> String {
        let text = try examples.commands(about: "A machine that sends all its traffic through a server")
        return text.replacing(/PublicKey = .*\n/, with: "PublicKey = " + key)
            .replacing("vpn.example.com", with: "192.0.2.1")
    }

    private func reaches(_ address: String) throws -> Bool {
        try client.run("ping -c 1 -W 3 $0", address).status == 0
    }
}
