/// `down` when the file, or the interface, is no longer what it was.
enum DownCases {
    static let all = [
        down(
            "the file is gone", "mv /etc/wireguard/wg0.conf kept",
            then: "mv kept /etc/wireguard/wg0.conf; quick down wg0"),
        down("the file has no default route", "sed -i s,AllowedIPs.*,AllowedIPs=10.5.0.0/16, /etc/wireguard/wg0.conf"),
        down("the file has other addresses", "sed -i s,10.0.0.1/24,10.9.0.1/24, /etc/wireguard/wg0.conf"),
        down("the file has become wrong", "echo nonsense >>/etc/wireguard/wg0.conf"),
        down("the interface is gone", "ip link delete wg0"),
        down("the interface is down", "ip link set wg0 down"),
        down("a rule is gone", "ip rule del table 51820"),
        down("there are more rules", "ip rule add not fwmark 51820 table 51820; ip rule add table 51820"),
        down(
            "another wg is up",
            "sed 's/5180/5181/; /AllowedIPs/d; s/10.0.0/10.1.0/; s/fd00/fd01/' /etc/wireguard/wg0.conf | config wg1.conf; quick up wg1"
        ),
    ]

    private static func down(_ name: String, _ change: String, then: String = "") -> Case {
        Case(
            "down when " + name,
            interface: "Address = 10.0.0.1/24, fd00::1/64\nDNS = 192.0.2.53\nPreDown = echo pre\nPostDown = echo post",
            peers: peer(allowed: "0.0.0.0/0, ::/0"), steps: "quick up wg0\n\(change)\nquick down wg0\n\(then)")
    }
}
