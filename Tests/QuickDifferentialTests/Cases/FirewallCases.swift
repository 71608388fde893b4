/// Who keeps what is forged out: nft, or where that is missing iptables.
enum FirewallCases {
    static let all = [
        firewall("iptables", iptables + "\nwithout nft", after: ruleset),
        firewall("nft before iptables", iptables, after: ruleset),
        firewall("neither nft nor iptables", "without nft"),
        firewall("an nft that fails", "tool nft <<<'echo no >&2; exit 4'"),
        firewall(
            "an iptables that fails", iptables + "\nwithout nft; tool iptables-restore <<<'echo no >&2; exit 4'",
            after: ruleset),
        firewall(
            "tables of other owners",
            "nft add table ip wg-quick-wg01; nft add table inet mine; nft add table inet wg-quick-wg0"),
        Case(
            "rules of iptables of other owners", interface: defaults, peers: everything,
            before: iptables + """

                without nft
                iptables -A INPUT -p udp -m comment --comment 'mine' -j ACCEPT
                iptables -t raw -A PREROUTING -d 10.9.9.9 -m comment --comment 'wg-quick(8) rule for wg01' -j DROP
                """,
            steps: "quick up wg0\n\(ruleset)\nquick down wg0\n\(ruleset)"),
        Case(
            "a table that is gone at the end", interface: defaults, peers: everything,
            steps: "quick up wg0; nft delete table ip wg-quick-wg0; quick down wg0"),
    ]

    private static let defaults = "Address = 10.0.0.1/24, 10.0.1.1, fd00::1/64"
    private static let everything = peer(allowed: "0.0.0.0/0, ::/0")
    private static let iptables = """
        with iptables iptables-restore iptables-save ip6tables ip6tables-restore ip6tables-save
        """
    private static let ruleset =
        "iptables-save | sed '/^#/d'; ip6tables-save | sed '/^#/d; s/fe80[0-9a-f:]*/fe80::random/'"

    private static func firewall(_ name: String, _ before: String, after: String = "") -> Case {
        Case(
            "firewall of " + name, interface: defaults, peers: everything, before: before,
            steps: "quick up wg0\n\(after)\nquick down wg0\n\(after)")
    }
}
