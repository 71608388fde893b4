/// The interface itself, and its MTU.
enum LinkCases {
    static let all = [
        Case(
            "an interface that is there",
            before: "ip link add wg0 address 02:00:00:00:00:05 type veth peer address 02:00:00:00:00:06",
            steps: "quick up wg0; quick down wg0; quick save wg0"),
        Case(
            "an interface that is up",
            steps: "quick up wg0; quick up wg0; quick down wg0; quick down wg0; quick save wg0"),
        Case(
            "a daemon that is missing", interface: "Address = 10.0.0.1",
            before: "environment+=(WG_QUICK_USERSPACE_IMPLEMENTATION=/none)"),
        Case(
            "a daemon that fails", interface: "Address = 10.0.0.1",
            before: "environment+=(WG_QUICK_USERSPACE_IMPLEMENTATION=false)"),
        Case("a daemon that makes no interface", before: "environment+=(WG_QUICK_USERSPACE_IMPLEMENTATION=true)"),
        Case("MTU given", interface: "MTU = 1300"),
        Case("MTU of nonsense", interface: "Address = 10.0.0.1\nMTU = abc"),
        Case("MTU too large", interface: "MTU = 70000"),
        Case("MTU too small", interface: "MTU = 20"),
        Case("MTU in hexadecimal", interface: "MTU = 0x514"),
        Case("MTU of nothing", interface: "Address = 10.0.0.1\nMTU = 0"),
        Case("MTU below nothing", interface: "MTU = -1"),
        Case("MTU of two numbers", interface: "MTU = 1300 1400"),
        Case("MTU below that of IPv6", interface: "Address = 10.0.0.1\nMTU = 1279"),
        mtu("no endpoint"),
        mtu("an endpoint near", peers: near),
        mtu("an endpoint on a link of its own", peers: far),
        mtu("the smaller of two endpoints", peers: far + peer(1, endpoint: "192.0.2.5:51")),
        mtu("the smaller of two endpoints, the other way round", peers: near + peer(1, endpoint: "172.16.0.2:51")),
        mtu("an endpoint of IPv6", peers: peer(endpoint: "[2001:db8::5]:51")),
        mtu("an endpoint on this machine", peers: peer(endpoint: "127.0.0.1:51")),
        mtu("a route that says", peers: distant, before: "ip route add 198.51.100.0/24 via 192.0.2.1 mtu 1300"),
        mtu(
            "a route that says more than its link", peers: distant,
            before: "ip route add 198.51.100.0/24 via 192.0.2.1 mtu 2000"),
        mtu(
            "a route that says firmly", peers: distant,
            before: "ip route add 198.51.100.0/24 via 192.0.2.1 mtu lock 1300"),
        mtu(
            "a route of IPv6 that says", peers: peer(endpoint: "[2001:db8:5::5]:51"),
            before: "ip route add 2001:db8:5::/64 via 2001:db8::1 mtu 1350"),
        mtu("no route", peers: distant, before: "ip route del default"),
        mtu("a black hole", peers: distant, before: "ip route add blackhole 198.51.100.0/24"),
        mtu("no default route", before: "ip route del default"),
        mtu("only a default route of IPv6", before: "ip route del default; ip link set eth0 mtu 1400"),
        mtu("a default route that says", before: "ip route replace default via 192.0.2.1 mtu 1444"),
        mtu("two default routes", before: "ip route add default via 172.16.0.9 metric 5"),
        mtu(
            "a default route of two hops",
            before: "ip route replace default nexthop via 192.0.2.1 nexthop via 172.16.0.9"),
        mtu("a link too small", peers: near, before: "ip link set eth0 mtu 100"),
    ]

    private static let near = peer(endpoint: "192.0.2.5:51")
    private static let far = peer(endpoint: "172.16.0.2:51")
    private static let distant = peer(endpoint: "198.51.100.1:51")

    private static func mtu(_ name: String, peers: String = "", before: String = "") -> Case {
        Case("MTU from " + name, peers: peers, before: jumbo + "\n" + before)
    }

    private static let jumbo = """
        ip link add eth1 address 02:00:00:00:00:03 mtu 9000 type veth peer name peer1 address 02:00:00:00:00:04
        ip link set eth1 addrgenmode none up; ip link set peer1 addrgenmode none up
        ip address add 172.16.0.1/24 dev eth1
        settle
        """
}
