enum AddressCases {
    static let all = [
        addresses("of both kinds", "10.0.0.1/24, fd00::1/64"),
        addresses("without length", "10.0.0.1,fd00::1"),
        addresses("that blanks separate", "10.0.0.1 10.0.0.2,,\t10.0.0.3 , fd00::1"),
        addresses("of lengths at the ends", "10.0.0.1/32, 10.1.0.1/31, fd00::1/128, fd01::1/127"),
        addresses("with a comment", "10.0.0.1 # not this one: 10.0.0.2"),
        addresses("in one network", "10.0.0.1/24, 10.0.0.2/24, 10.0.0.3/25"),
        addresses("with a netmask", "10.0.0.1/255.255.255.0"),
        addresses("with a netmask of holes", "10.0.0.1/255.0.255.0"),
        addresses("with no length after the slash", "10.0.0.1/"),
        addresses("of everything", "10.0.0.1/0"),
        addresses("in odd spellings of IPv6", "FD00:0::0001/64, ::ffff:192.0.2.77/128"),
        addresses("that nobody may have", "0.0.0.0/24"),
        addresses("for many", "224.0.0.5/24"),
        addresses("too long by one", "10.0.0.1/33"),
        addresses("too long for IPv6", "fd00::1/129"),
        addresses("of no number", "foo"),
        addresses("of three numbers", "10.0.1/24"),
        addresses("that are link-local", "fe80::5/64, 169.254.0.5/16"),
        addresses("with an equals sign", "10.0.0.1 = 3"),
        Case(
            "addresses on several lines",
            interface: "Address = 10.0.0.1/24\naddress = fd00::1/64\nADDRESS = 10.0.1.1/24"),
        Case("an address twice", interface: "Address = 10.0.0.1/24\nAddress = 10.0.0.1/24"),
        Case("an address that the machine has", interface: "Address = 192.0.2.10/24"),
        Case(
            "a machine without IPv6", interface: "Address = 10.0.0.1/24",
            peers: peer(allowed: "0.0.0.0/0, 10.5.0.0/16"),
            before: noIPv6),
        Case("an IPv6 address without IPv6", interface: "Address = 10.0.0.1/24, fd00::1/64", before: noIPv6),
        Case(
            "an IPv6 route without IPv6", interface: "Address = 10.0.0.1/24", peers: peer(allowed: "fd05::/48"),
            before: noIPv6),
        Case(
            "an IPv6 default route without IPv6", interface: "Address = 10.0.0.1/24",
            peers: peer(allowed: "0.0.0.0/0, ::/0"),
            before: noIPv6),
    ]

    private static let noIPv6 = "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1"

    private static func addresses(_ name: String, _ value: String) -> Case {
        Case("addresses " + name, interface: "Address = " + value)
    }
}
