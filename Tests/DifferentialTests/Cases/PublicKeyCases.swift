/// What may come to `wg pubkey` on standard input.
enum PublicKeyCases {
    static func fill(_ maker: inout CaseMaker) {
        maker.draft.arguments = ["pubkey".bytes]
        let key = maker.secretText()
        let spaces = [
            "", "\n", "\r\n", "\n\n", " \t\u{b}\u{c}\r\n", "\0", "\n\0\0", "\0\n",
            String(repeating: "\n", count: 70_000),
        ]
        let junk = [
            "x", "\nx", "=", " #", "\u{a0}", String(repeating: " ", count: 300) + "x", "\0x", "\u{1}", "\n\u{7f}",
        ]
        let before = maker.random.chance(maker.flaws) ? maker.random.pick([" ", "\n", "\0", "\u{feff}", "key="]) : ""
        let after = maker.random.pick(maker.random.chance(maker.flaws) ? junk : spaces)
        maker.draft.input = before.bytes + key + after.bytes
    }
}
