import TestSupport
import Testing

@Suite(
    "Two heads, two interfaces and BIRD",
    .enabled(if: HeadsAndClients.isPossible, "needs bird2 and nftables, /dev/net/tun, and root or user namespaces"))
struct TwoInterfacesTests {
    @Test("when a head dies all clients go through the other, and later back, and connections go on")
    func routed() throws {
        let network = try HeadsAndClients(section: "TWO INTERFACES AND BIRD", clients: 4)
        let machines = network.heads + network.clients + [network.core]
        for machine in machines { try machine.shell("bird") }
        for head in network.heads { try head.shell(network.commands("head1, head2")) }
        for client in network.clients { try client.shell(network.commands("client")) }
        for machine in machines { try machine.shell(network.commands("everywhere")) }
        try network.expectAll(through: "10.9.1.1")
        for client in network.clients { try client.connect(to: network.core) }
        let before = try network.clients.map { try $0.tunnels }

        try network.killHead1()
        try network.expectAll(through: "10.9.2.1")
        for (index, client) in network.clients.enumerated() {
            try network.core.shell("ping -c 1 -W 10 10.9.0.$0", "\(11 + index)")
            #expect(try client.isConnected(saying: "after the failure"))
        }

        for head in network.heads.prefix(1) { try head.shell(network.commands("head1, head2")) }
        try network.expectAll(through: "10.9.1.1")
        for client in network.clients { #expect(try client.isConnected(saying: "after the repair")) }
        #expect(try network.clients.map { try $0.tunnels } == before)
    }
}

extension Machine {
    /// All that people configure of the tunnels and the choice of routing tables.
    fileprivate var tunnels: String {
        get throws { try shell("wg showconf wg1; wg showconf wg2; ip rule; ip -brief address") }
    }

    /// Opens a TCP connection that lasts, to a service that answers what it is told.
    fileprivate func connect(to core: Machine) throws {
        try core.shell("pidof socat || { socat TCP-LISTEN:7,fork,reuseaddr EXEC:cat >/run/echo 2>&1 & }")
        try shell(
            "mkfifo /run/words && { socat - TCP:10.20.0.10:7,retry=20 <>/run/words >/run/echo 2>&1 & }")
        #expect(try isConnected(saying: "begin"))
    }

    /// Whether the service still answers on it.
    fileprivate func isConnected(saying words: String) throws -> Bool {
        try shell("echo $0 >/run/words", words)
        return try eventually { try run("grep -qx -- \"$0\" /run/echo", words).status == 0 }
    }
}
