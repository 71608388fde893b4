/// The words that choose a command, and the number of those that follow.
enum CommandCases {
    private static let commands = [
        "show", "showconf", "set", "setconf", "addconf", "syncconf", "genkey", "genpsk", "pubkey", "help", "-h",
        "--help",
    ]

    private static let words = [
        "", "help", "--help", "-h", "-v", "--version", "version", "-V", "-x", "--", "-", "wg0", "all", "interfaces",
        "dump", "peer", "remove", "wg0.conf", "/dev/null", "é", "a b", "`", "'", "%s", "\n", "0",
    ]

    static func fill(_ maker: inout CaseMaker) {
        let first = maker.flawed(
            maker.random.pick(commands), ["", "SHOW", "sho", "-V", "--show", "get", "wg", "wg0", "add"])
        let rest = (0..<maker.random.pick([0, 0, 1, 1, 2, 3, 5])).map { _ in maker.random.pick(words).bytes }
        maker.draft.arguments = [first] + rest
        // The one output that two programs cannot share.
        let isRandom = rest.isEmpty && ["genkey", "genpsk"].contains { first == $0.bytes }
        if isRandom { maker.draft.arguments.append("more".bytes) }
        maker.draft.files["wg0.conf"] = .text("[Interface]\nListenPort = 5\n".bytes)
        maker.draft.folder = .holding([.device("wg0", maker.device(damaged: false))])
    }
}
