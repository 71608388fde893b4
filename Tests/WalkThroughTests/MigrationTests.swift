import TestSupport
import Testing

private let script = Places.peers + "/wg-quick"
private let ours = "wg-quick"

/// README says that the script and ours can take turns.
@Suite(
    "Coming from the wg-quick script",
    .enabled(
        if: Site.isPossible && Places.exists(script), "needs Tests/Peers/fetch, and what a site needs"))
struct MigrationTests {
    @Test(
        "what one brings up the other takes down, and leaves nothing",
        arguments: [(script, ours), (ours, script)])
    func turns(up: String, down: String) throws {
        let machine = try Site().machine("machine")
        try machine.write(
            """
            [Interface]
            Address = 10.0.0.1/24, fd00::1/64
            PrivateKey = \(try machine.shell("wg genkey"))
            [Peer]
            PublicKey = \(try machine.shell("wg genkey | wg pubkey"))
            AllowedIPs = 0.0.0.0/0, ::/0, 10.7.0.0/16

            """, to: "/etc/wireguard/wg0.conf")
        let before = try state(of: machine)
        try machine.shell("WG_QUICK_USERSPACE_IMPLEMENTATION=wireguard-swift $0 up wg0", up)
        #expect(try state(of: machine) != before)
        try machine.shell("$0 down wg0", down)
        #expect(try state(of: machine) == before)
    }

    @Test("wg syncconf with what wg-quick strip prints works as it did")
    func synchronized() throws {
        let machine = try Site().machine("machine")
        let file = "[Interface]\nAddress = 10.0.0.1/24\nPrivateKey = \(try machine.shell("wg genkey"))"
        try machine.write(file, to: "/etc/wireguard/wg0.conf")
        try machine.shell("wg-quick up wg0")
        let peer = try machine.shell("wg genkey | wg pubkey")
        try machine.write(file + "[Peer]\nPublicKey = " + peer, to: "/etc/wireguard/wg0.conf")
        try machine.shell("wg syncconf wg0 <(wg-quick strip wg0)")
        #expect(try machine.shell("wg show wg0 peers") == peer)
    }

    private func state(of machine: Machine) throws -> String {
        try machine.shell(
            "ip -brief link; ip route show table all; ip -6 route show table all; ip rule; ip -6 rule; nft list ruleset"
        )
    }
}
