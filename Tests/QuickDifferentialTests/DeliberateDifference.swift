/// Something that ours does otherwise than the reference, and why.
struct DeliberateDifference: Sendable {
    let reason: String
    /// Where it shows: aspects of a case's steps, by the case's name.
    let places: [(name: String, aspects: Set<String>)]

    /// Aspects in which ours may differ in a case.
    static func aspects(of scene: Case) -> Set<String> {
        Set(all.flatMap(\.places).filter { $0.name == scene.name }.flatMap(\.aspects))
    }

    private static let told: Set = ["steps told"]
    private static let mark = "sysctl net.ipv4.conf.all.src_valid_mark"
    private static let addresses = "ip -j address"
    private static let routes = "ip -j route show table all"
    private static let file = "cat /etc/wireguard/wg0.conf"

    static let all = [
        DeliberateDifference(
            reason: "What is wrong in a file is told, with its line, before anything is touched.",
            places: [
                "keys before the section", "an unknown key", "an unknown section", "own keys in a peer",
                "a key that is none", "no allowed addresses", "addresses too long by one",
                "addresses too long for IPv6",
                "addresses of no number", "addresses with an equals sign", "addresses with a netmask of holes",
                "addresses with no length after the slash", "an endpoint that has no address",
            ].map { ($0, told) } + [
                ("SaveConfig that is no answer", [Told.complaintsName]),
                ("SaveConfig of nothing", [Told.complaintsName]),
                // With status 1, where ip has 255 for a word that it does not know.
                ("MTU of nonsense", ["steps told", "status"]), ("MTU of two numbers", ["steps told", "status"]),
                ("table nowhere", ["steps told", "status"]), ("table OFF", ["steps told", "status"]),
                ("table 4294967296", ["steps told", "status"]), ("table 5 6", ["steps told", "status"]),
                ("table -1", ["steps told", "status"]), ("MTU below nothing", ["steps told", "status"]),
                ("a file that is a folder", ["status", "stdout", Told.complaintsName]),
            ]),
        DeliberateDifference(
            reason: "What a failing up did is taken back in the opposite order, src_valid_mark too.",
            places: [
                ("an IPv6 default route without IPv6", told), ("firewall of neither nft nor iptables", told),
                ("firewall of an nft that fails", told), ("firewall of an iptables that fails", ["steps told", mark]),
            ]
                + ["", " before more", " of no syntax", " by a signal"].map {
                    ("a failing PostUp\($0)", ["steps told", mark])
                }),
        DeliberateDifference(
            reason: "down leaves the rules of other tunnels, and those that somebody else made, alone.",
            places: [
                ("default routes of two interfaces", ["steps told", "ip -j rule"]),
                ("two interfaces with a mark in common", ["steps told", "ip -j rule"]),
                ("down when there are more rules", ["steps told", "ip -j rule"]),
            ]),
        DeliberateDifference(
            reason: "down removes a tunnel's rules pair by pair.",
            places: [("a default route that no rule can lead to", told)]),
        DeliberateDifference(
            reason: "A route's MTU counts where it is locked as well, and so does the default route of IPv6.",
            places: [
                ("MTU from a route that says firmly", ["steps told", addresses, routes]),
                ("MTU from only a default route of IPv6", ["steps told", addresses]),
            ]),
        DeliberateDifference(
            reason: "A program is not interpreted by bash, and reads what it is handed on standard input.",
            places: [
                ("not root", ["calls"]), ("strip by another than root", ["calls"]),
                ("firewall of an nft that fails", ["calls"]),
            ]),
        DeliberateDifference(
            reason: "A word that begins with a dash is an option, and one that the command has not is named.",
            places: [("files that are missing", [Told.complaintsName])]),
        DeliberateDifference(
            reason: "A missing program is named, with what to install, before it would be run.",
            places: [
                ("a daemon that is missing", ["steps told", "status"]),
                ("a daemon that fails", ["steps told", Told.complaintsName]),
                ("name servers that nobody takes", told), ("name servers whose resolvconf is gone at the end", told),
            ]),
        DeliberateDifference(
            reason: "A warning says which file it is about.",
            places: [("default routes in their second spelling", ["warnings"])]),
        DeliberateDifference(
            reason: "An IPv4 address is four numbers: ip takes 10.0.1 for 10.0.1.0, others for 10.0.0.1.",
            places: [
                (
                    "addresses of three numbers",
                    [
                        "status", "steps told", Told.complaintsName, addresses, routes,
                        "wg showconf wg0",
                    ]
                )
            ]),
        DeliberateDifference(
            reason:
                "What is saved keeps the file's lines where they say what the interface is, its mode, and the names of "
                + "endpoints; it leaves out addresses that the kernel gave. resolvconf need not be asked.",
            places: [
                ("an endpoint that has one", ["calls", file]), ("hooks that change keys", ["calls", file]),
                ("saved with everything", ["calls", file, "stdout"]),
                ("saved after changes", ["calls", file, "steps told", addresses, routes]),
                ("saved at the end", ["calls", file, "steps told", addresses, routes]),
                (
                    "saved through a link",
                    ["calls", file, "cat /run/files/real.conf", "stat -c %A %u:%g %F /run/files/real.conf"]
                ),
                ("no private key", ["calls", file]),
                ("saved by path", ["calls", "cat /run/files/wg0.conf"]),
                ("not saved where nothing can be written", ["calls", file]),
            ]),
        DeliberateDifference(
            reason: "down takes down what it can, also where nothing can be saved, and then says what it could not.",
            places: [
                (
                    "not saved where nothing can be written",
                    ["steps told", "status", Told.complaintsName, addresses, routes, "wg showconf wg0"]
                )
            ]),
        DeliberateDifference(
            reason: "A hook that a signal ended is known by the status alone, which bash tells of in words.",
            places: [("a failing PostUp by a signal", [Told.complaintsName])]),
        DeliberateDifference(
            reason: "An MTU is told as a number of digits, whatever the file has.",
            places: [("MTU in hexadecimal", told)]),
    ]
}
