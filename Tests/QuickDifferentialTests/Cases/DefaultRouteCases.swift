/// Marks, tables and rules around default routes.
enum DefaultRouteCases {
    static let all = [
        defaults("of both kinds", "0.0.0.0/0, ::/0"),
        defaults("of IPv4", "0.0.0.0/0"),
        defaults("of IPv6", "::/0"),
        defaults("among others", "10.7.0.0/16, 0.0.0.0/0, fd07::/32, ::/0, 0.0.0.0/1"),
        defaults("in their second spelling", "10.1.2.3/0, fd00::/0"),
        defaults("with a mark", "0.0.0.0/0, ::/0", interface: "FwMark = 0x1234"),
        defaults("with a mark that is off", "0.0.0.0/0", interface: "FwMark = off"),
        defaults("with a table taken", "0.0.0.0/0", before: "ip route add 10.99.0.0/16 dev eth0 table 51820"),
        defaults(
            "with two tables taken", "::/0",
            before: "ip -6 route add fd99::/16 dev eth0 table 51820; ip route add 10.99.0.0/16 dev eth0 table 51821"),
        defaults(
            "with rules that are there", "0.0.0.0/0",
            before: "ip rule add from 203.0.113.4 table 5; ip -6 rule add from fd77::4 table 5"),
        defaults("where marks are valid", "0.0.0.0/0", before: "sysctl -qw net.ipv4.conf.all.src_valid_mark=1"),
        defaults("and a link-local address", "::/0", interface: "Address = fe80::7/64"),
        Case("default routes without addresses", peers: peer(allowed: "0.0.0.0/0, ::/0")),
        Case(
            "a default route of two peers", interface: "Address = 10.0.0.1",
            peers: peer(allowed: "0.0.0.0/0") + peer(1, allowed: "0.0.0.0/0, ::/0")),
        Case(
            "default routes of two interfaces", interface: "Address = 10.0.0.1/24", peers: peer(allowed: "0.0.0.0/0"),
            before: """
                sed 's/10.0.0.1/10.1.0.1/; s/5180/5181/' /etc/wireguard/wg0.conf | config wg1.conf
                """,
            steps: "quick up wg1; quick up wg0; quick down wg0; quick down wg1"),
        Case(
            "halves, with a rule of the user's own that looks like ours",
            interface: "Address = 10.0.0.1/24\nFwMark = 51820\nPostUp = ip rule add not fwmark 51820 table 51820",
            peers: peer(allowed: "0.0.0.0/1, 128.0.0.0/1")),
        Case(
            "default routes without PATH", interface: "Address = 10.0.0.1/24\nPostUp = type -P nft ip sed",
            peers: peer(allowed: "0.0.0.0/0, ::/0"), before: "environment=(\"${environment[@]:1}\")"),
        Case(
            "two interfaces with a mark in common", interface: "Address = 10.0.0.1/24\nFwMark = 700",
            peers: peer(allowed: "0.0.0.0/0"),
            before: "sed 's/10.0.0.1/10.1.0.1/; s/5180/5181/' /etc/wireguard/wg0.conf | config wg1.conf",
            steps: "quick up wg1; quick up wg0; quick down wg1"),
        Case(
            "a default route that no rule can lead to", interface: "Address = 10.0.0.1/24\nDNS = 192.0.2.53",
            peers: peer(allowed: "0.0.0.0/0"), before: "ip rule add not fwmark 51820 table 51820 priority 32765"),
    ]

    private static func defaults(_ name: String, _ allowed: String, interface: String = "", before: String = "") -> Case
    {
        Case(
            "default routes " + name, interface: "Address = 10.0.0.1/24, 10.0.1.1, fd00::1/64, fd01::1\n" + interface,
            peers: peer(allowed: allowed, endpoint: "192.0.2.5:51"), before: before)
    }
}
