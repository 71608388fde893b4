import TestSupport
import Testing

@Suite(
    "Two heads, one interface",
    .enabled(if: HeadsAndClients.isPossible, "needs bird2 and nftables, /dev/net/tun, and root or user namespaces"))
struct OneInterfaceTests {
    @Test("a prefix moves between heads on live tunnels")
    func moved() throws {
        let network = try HeadsAndClients(section: "ONE INTERFACE", clients: 4)
        for machine in network.heads + network.clients { try machine.shell(network.commands("everywhere")) }
        try network.expectAll(through: "10.9.0.1")

        for client in network.clients {
            #expect(try eventually { try client.handshakes.allSatisfy { !$0.hasSuffix("\t0") } })
            let before = try client.handshakes
            try client.shell("ping -n -i 0.05 -c 40 -W 10 10.20.0.10 >/run/pings & sleep 0.5")
            try client.shell(network.commands("client, to move"))
            #expect(try network.head(of: client) == "10.9.0.2")
            #expect(try client.handshakes == before)
            #expect(try eventually { try client.shell("cat /run/pings").contains(" packets transmitted") })
            #expect(try client.shell("cat /run/pings").contains(" 0% packet loss"))
            try client.shell(network.commands("client, to move back"))
            #expect(try network.head(of: client) == "10.9.0.1")
        }
    }

    @Test("clients follow the heads by themselves")
    func followed() throws {
        let network = try HeadsAndClients(section: "ONE INTERFACE", clients: 4)
        for machine in network.heads + network.clients { try machine.shell(network.commands("everywhere")) }
        try network.expectAll(through: "10.9.0.1")
        for client in network.clients {
            try client.shell(try client.commandOfService("follow-heads") + " >/run/log 2>&1 &")
        }

        try network.killHead1()
        try network.expectAll(through: "10.9.0.2")
        try network.heads[0].shell(network.commands("everywhere"))
        try network.expectAll(through: "10.9.0.1")
    }
}

extension Machine {
    /// The peers of wg0, each with the time of its last handshake.
    fileprivate var handshakes: [String] {
        get throws { try shell("wg show wg0 latest-handshakes").split(separator: "\n").map(String.init) }
    }

    /// What systemd would start.
    fileprivate func commandOfService(_ name: String) throws -> String {
        try shell("sed -n s/^ExecStart=//p /etc/systemd/system/$0.service", name).split(separator: "\n").joined()
    }
}
