import TestSupport

/// `wg show` and `wg showconf` on devices of every state.
enum ShowCases {
    private static let fields = [
        "public-key", "private-key", "listen-port", "fwmark", "peers", "preshared-keys", "endpoints", "allowed-ips",
        "latest-handshakes", "transfer", "persistent-keepalive", "dump",
    ]

    static func fill(_ maker: inout CaseMaker) {
        maker.draft.environment["WG_COLOR_MODE"] = maker.random.pick([
            nil, nil, "always", "never", "auto", "ALWAYS", "",
        ])
        maker.draft.environment["WG_HIDE_KEYS"] = maker.random.pick([nil, nil, "never", "always", "NEVER", ""])
        maker.draft.folder = folder(&maker)
        maker.draft.arguments = arguments(&maker)
    }

    private static func arguments(_ maker: inout CaseMaker) -> [[UInt8]] {
        let name = maker.flawed(
            "wg0", ["wg1", "", "lo", "a/b", ".", "..", "*", "ALL", "wg0.sock", "an-interface-name-that-is-long"])
        let field = maker.flawed(maker.random.pick(fields), ["", "pub", "DUMP", "all", "interfaces", "--help", "peer"])
        let usual: [[[UInt8]]] = [
            ["show".bytes, name], ["show".bytes, name, field], ["show".bytes, name, field],
            ["show".bytes, "all".bytes, field], ["show".bytes, "all".bytes], ["showconf".bytes, name],
        ]
        let unusual = [
            [], ["show"], ["show", "interfaces"], ["show", "--help"], ["show", "-h"], ["show", "help"],
            ["show", "--help", "dump"], ["show", "interfaces", "dump"], ["show", "wg0", "dump", "more"], ["showconf"],
            ["showconf", "all"], ["showconf", "wg0", "more"], ["showconf", "--help"], ["show", "all", "dump", ""],
        ].map { $0.map(\.bytes) }
        return maker.random.pick(maker.random.chance(0.8) ? usual : unusual)
    }

    private static func folder(_ maker: inout CaseMaker) -> Case.Folder {
        if maker.random.chance(0.02) { return maker.random.pick([.missing, .file]) }
        var entries = [Case.Entry.device("wg0", maker.device(damaged: maker.random.chance(0.25)))]
        if maker.random.chance(0.03) { entries = [] }
        let names = [
            "wg1", "tun", ".hidden", "with space", "ünï", "*", "interfaces", "new\nline",
            "a-name-that-is-longer-than-fifteen",
        ]
        for name in maker.random.shuffled(names).prefix(maker.random.pick([0, 0, 0, 1, 2, 3])) {
            let entry = neighbour(name, &maker)
            if !entries.contains(where: { $0.name == entry.name }) { entries.append(entry) }
        }
        return .holding(maker.random.shuffled(entries))
    }

    private static func neighbour(_ name: String, _ maker: inout CaseMaker) -> Case.Entry {
        if maker.random.chance(0.7) { return .device(name, maker.device(damaged: maker.random.chance(0.25))) }
        return maker.random.pick([
            Case.Entry(name: name + ".sock", kind: .staleSocket),
            Case.Entry(name: name, kind: .staleSocket),
            Case.Entry(name: ".sock", kind: .staleSocket),
            Case.Entry(name: name + ".sock", kind: .other(.directory)),
            Case.Entry(name: name + ".sock", kind: .other(.text([]))),
            Case.Entry(name: name + ".sock", kind: .other(.link(to: "nowhere"))),
            Case.Entry(name: "link.sock", kind: .other(.link(to: "wg0.sock"))),
        ])
    }
}
