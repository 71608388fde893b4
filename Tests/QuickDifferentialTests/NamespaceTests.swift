import TestSupport
import Testing

/// `wg-quick up --netns`: the interface lives in a namespace, its UDP socket outside.
@Suite("wg-quick and namespaces", .enabled(if: Stage.isPossible, "takes root"))
struct NamespaceTests {
    @Test("brings the interface into a namespace, in which it is the way to everywhere, and finds it there again")
    func life() async throws {
        let outcome = try await Stage.play(
            Case(
                "namespace", interface: "Address = 10.1.0.1/32\nPostUp = ip -o link show %i | cut -d: -f2",
                peers: peer(allowed: "0.0.0.0/0, ::/0", endpoint: "192.0.2.1:5181"),
                before: Self.otherHost,
                steps: """
                    with cut
                    before=$(state)
                    quick up --netns inside wg0
                    ip netns exec inside ping -c 1 -W 20 10.9.0.9 | grep -o ' 0% packet loss'
                    ip netns exec inside ip route show
                    ip netns exec inside ip rule show | wc -l
                    ip -o link show wg0 || echo not here
                    quick reload wg0
                    quick save wg0
                    quick down wg0
                    ip netns exec inside ip -o link show wg0 || echo not there
                    [ "$(state)" = "$before" ] || diff <(echo "$before") <(state)
                    """),
            with: .ours)
        #expect(outcome.steps.map { $0.aspects[0].text } == ["0", "0", "0", "0"], "\(outcome)")
        #expect(
            outcome.said.contains(
                """
                 0% packet loss
                default dev wg0 scope link 
                3
                """), "\(outcome.said)")
        #expect(outcome.said.contains("not here") && outcome.said.contains("not there"), "\(outcome.said)")
        #expect(outcome.steps[0].aspects.first { $0.name == "stdout" }?.text.contains(" wg0") == true)
    }

    @Test("leaves nothing behind where there is no such namespace")
    func missing() async throws {
        let outcome = try await Stage.play(
            Case(
                "no namespace", interface: "Address = 10.1.0.1/32", peers: peer(allowed: "0.0.0.0/0"),
                steps: """
                    before=$(state)
                    quick up --netns nowhere wg0
                    [ "$(state)" = "$before" ] && echo as before
                    """),
            with: .ours)
        #expect(outcome.steps[0].aspects[0].text != "0")
        #expect(outcome.said.contains("as before"), "\(outcome.said)")
    }

    /// 10.9.0.9 behind a tunnel of another host's at 192.0.2.1, and a namespace for us that knows no network.
    private static let otherHost = """
        wait_for_key() { "$wg" show "$1" public-key; }
        mkdir -p /run/netns
        ip netns add inside
        ip netns add other
        ip link set peer0 netns other
        ip netns exec other ip address add 192.0.2.1/24 dev peer0
        ip netns exec other ip link set peer0 up
        ip netns exec other "$daemon" wg9
        ip netns exec other ip address add 10.9.0.9/32 dev wg9
        ip netns exec other ip link set wg9 up
        ip netns exec other ip route add 10.1.0.0/24 dev wg9
        "$wg" genkey >/run/other.key
        "$wg" set wg9 listen-port 5181 private-key /run/other.key peer "$(echo \(Key.own) | "$wg" pubkey)" \\
            allowed-ips 10.1.0.0/24
        sed -i "s|\(Key.peers[0])|$("$wg" pubkey </run/other.key)|" /etc/wireguard/wg0.conf
        """
}
