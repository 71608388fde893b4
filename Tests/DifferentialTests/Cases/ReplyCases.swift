import TestSupport

/// What a device may answer to `set`.
enum ReplyCases {
    static func fill(_ maker: inout CaseMaker) {
        let key = KeyText.base64(maker.peerKeys[0])
        maker.draft.files["wg0.conf"] = .text("[Peer]\nPublicKey=".bytes + key + "\n".bytes)
        let command = maker.random.pick(["set", "setconf", "addconf", "syncconf"])
        maker.draft.arguments =
            command == "set"
            ? ["set", "wg0", "listen-port", "5"].map(\.bytes) : [command, "wg0", "wg0.conf"].map(\.bytes)
        let ending: FakeDevice.Behaviour.Ending = maker.random.chance(0.05) ? .hangsUpAtOnce : .endsAfterAnswer
        maker.draft.folder = .holding([
            .device("wg0", .init(toGet: "errno=0\n\n".bytes, toSet: reply(&maker), ending: ending))
        ])
    }

    private static func reply(_ maker: inout CaseMaker) -> [UInt8] {
        let number = maker.random.pick([
            "0", "00", "-0", "-1", "-2", "-13", "-19", "-22", "-95", "-\(maker.random.below(140))", "22", "-9999",
            "2147483647", "-2147483647", "-2147483648",
        ])
        let noNumber = maker.random.pick([
            "2147483648", "-2147483649", "4294967296", "99999999999999999999", "", "abc", "0x0", "+5", "0 ", " 0", "-",
            "--1", "0=0", "1.5", "0\0", "0\r",
        ])
        let usual = "errno=\(number)\n\n"
        let unusual = maker.random.pick([
            "errno=\(noNumber)\n\n", "errno=\(noNumber)\nerrno=\(number)\n\n", "errno=-5\nerrno=\(number)\n\n",
            "errno=\(number)\nerrno=0\n\n", "foo=bar\nerrno=\(number)\nx=\n\n", "errno=0\n\nerrno=-5\n\n",
            "=\nerrno=\(number)\n\n", "errno=\(number)\n\n" + String(repeating: "x", count: 100_000),
            String(repeating: "x", count: 100_000) + "=\nerrno=\(number)\n\n",
        ])
        let broken = maker.random.pick([
            "", "\n", "\n\n", "errno=\(number)\n", "errno=\(number)", "errno=\(number)\r\n\r\n", " errno=0\n\n",
            "ERRNO=0\n\n", "errno =0\n\n", "errno=\(number)\nx\n\n", "garbage\n\nerrno=0\n\n", "errno\n\n",
            "\0errno=0\n\n",
        ])
        let text = maker.random.pick([usual, usual, usual, unusual, unusual, broken]).bytes
        return maker.random.chance(0.2) ? Mutation.mutate(text, &maker.random) : text
    }
}
