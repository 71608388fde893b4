enum RouteCases {
    static let all = [
        Case(
            "routes, longest first", interface: "Address = 10.0.0.1/24",
            peers: peer(allowed: "10.5.0.0/16, 10.5.0.0/24, 10.5.0.0/32, fd05::/48, 10.4.0.0/16")
                + peer(1, allowed: "10.5.1.0/24, 10.30.0.0/16, 10.3.0.0/16, fd05::1/128, fd04::/48, fd06::/128")),
        Case(
            "routes that an address has", interface: "Address = 10.5.0.1/16, fd05::1/48",
            peers: peer(allowed: "10.5.0.0/16, 10.5.1.0/24, fd05::/48, fd05:0:0:1::/64, fe80::/64")),
        Case(
            "routes wider than an address", interface: "Address = 10.5.0.1/24",
            peers: peer(allowed: "10.5.0.0/16, 10.5.0.0/24, 10.5.0.7/32")),
        Case(
            "halves of everything", interface: "Address = 10.0.0.1",
            peers: peer(allowed: "0.0.0.0/1, 128.0.0.0/1, ::/1, 8000::/1")),
        Case("no allowed addresses", peers: peer() + peer(1, allowed: "")),
        Case(
            "a peer twice", peers: peer(allowed: "10.5.0.0/16, 10.7.0.0/16") + peer(allowed: "10.6.0.0/16, 10.7.0.0/16")
        ),
        Case("a peer that is this machine", peers: "[Peer]\nPublicKey = \(Key.ownPublic)\nAllowedIPs = 10.5.0.0/16"),
        Case(
            "a prefix that moves to a later peer", peers: peer(allowed: "10.5.0.0/16") + peer(1, allowed: "10.5.0.0/16")
        ),
        Case(
            "a route that is there", interface: "Address = 10.0.0.1", peers: peer(allowed: "10.7.0.0/16, 192.0.2.0/24")),
        Case(
            "many routes", interface: "Address = 10.0.0.1/24",
            peers: (0..<30).map { peer($0 % 3, allowed: "10.\($0 + 1).0.0/\(16 + $0 % 9), fd00:\($0)::/\(32 + $0)") }
                .joined()),
        table("off", allowed: "0.0.0.0/0, 10.5.0.0/16"),
        table("auto", allowed: "10.5.0.0/16, 0.0.0.0/0"),
        table("1234", allowed: "0.0.0.0/0, ::/0, 10.5.0.0/16, 10.0.0.0/24"),
        table("main", allowed: "10.5.0.0/16, 10.0.0.0/25"),
        table("main", allowed: "0.0.0.0/0", name: "of a default route"),
        table("0x10", allowed: "10.5.0.0/16"),
        table("local", allowed: "10.5.0.0/16"),
        table("0", allowed: "10.5.0.0/16, 10.0.0.0/25"),
        table("51820", allowed: "0.0.0.0/0"),
        table("-1", allowed: "10.5.0.0/16"),
        table("nowhere", allowed: "10.5.0.0/16"),
        table("OFF", allowed: "10.5.0.0/16"),
        table("4294967295", allowed: "10.5.0.0/16"),
        table("4294967296", allowed: "10.5.0.0/16"),
        table("5 6", allowed: "10.5.0.0/16"),
        table("77", allowed: "0.0.0.0/0", name: "with a mark", more: "FwMark = 0x1234"),
        table("default", allowed: "10.5.0.0/16"),
    ]

    private static func table(_ table: String, allowed: String, name: String = "", more: String = "") -> Case {
        Case(
            name.isEmpty ? "table \(table)" : "table \(table) \(name)",
            interface: "Address = 10.0.0.1/24\nTable = \(table)\n\(more)",
            peers: peer(allowed: allowed))
    }
}
