/// The DNS key, and resolvconf.
enum NameServerCases {
    static let all = [
        dns("one", "192.0.2.53"),
        dns("several", "192.0.2.53, 2001:db8::53,192.0.2.54"),
        dns("one twice", "192.0.2.53, 192.0.2.53"),
        dns("and search domains", "example.com, 192.0.2.53, b.example"),
        dns("that blanks separate", "192.0.2.53 192.0.2.54\texample.com"),
        dns("that are only search domains", "example.com"),
        dns("of odd spellings", "300.1.1.1, 1.1.1, :::, abc:def, x_y, 1.1.1.1a, ..., 1"),
        dns("with a comment", "192.0.2.53 # at home"),
        dns("of an interface that has an order", "192.0.2.53", before: order("lo.inet\\nlo.*\\ntun*\\nwg*\\n")),
        dns("of an interface that has an odd order", "192.0.2.53", before: order("# a*\\neth\\n@(br|wg)*\\nb-1*\\n")),
        dns(
            "of a resolvconf that is a symbolic link, as systemd's", "192.0.2.53",
            before: order("tun*\\n") + "; mv $tools/resolvconf /run/resolvectl; ln -s /run/resolvectl $tools/resolvconf"
        ),
        dns(
            "of a resolvconf that is another name of a file", "192.0.2.53",
            before: order("tun*\\n") + "; ln $tools/resolvconf /run/resolvectl"),
        dns(
            "of a resolvconf in a folder that is a symbolic link", "192.0.2.53",
            before: order("tun*\\n") + "; ln -s $tools /run/link; environment+=(PATH=/run/link)"),
        dns("of an interface that has an order for others", "192.0.2.53", before: order("lo\\neth0\\n")),
        dns("that are refused", "192.0.2.53", before: "tool resolvconf <<<'cat >/dev/null; echo no >&2; exit 3'"),
        dns(
            "that are refused at the end", "192.0.2.53",
            before: "tool resolvconf <<<'cat >/dev/null; [ $1 = -a ] || exit 3'"),
        dns("that nobody takes", "192.0.2.53", before: "without resolvconf"),
        dns("whose resolvconf is gone at the end", "192.0.2.53", after: "without resolvconf"),
        Case(
            "name servers on several lines", interface: "DNS = 192.0.2.53\ndns = a.example\nDNS = 192.0.2.54, b.example"
        ),
        Case(
            "name servers that the file forgets", interface: "DNS = 192.0.2.53",
            steps: "quick up wg0; sed -i /DNS/d /etc/wireguard/wg0.conf; quick down wg0"),
        Case(
            "name servers that come late", interface: "MTU = 1400",
            steps: "quick up wg0; sed -i '2aDNS = 192.0.2.53' /etc/wireguard/wg0.conf; quick down wg0"),
    ]

    private static func dns(_ name: String, _ value: String, before: String = "", after: String = "") -> Case {
        Case(
            "name servers " + name, interface: "Address = 10.0.0.1\nDNS = " + value, before: before,
            steps: "quick up wg0\n\(after)\nquick down wg0")
    }

    private static func order(_ text: String) -> String {
        "mkdir /etc/resolvconf; printf '\(text)' >/etc/resolvconf/interface-order"
    }
}
