import TestSupport

/// Makes up one case: its own dice, and the keys and files that its words refer to.
struct CaseMaker {
    var random: SeededRandom
    /// Seconds since 1970 when the case runs; times in answers are told relative to it.
    let now: Int
    var draft = Case()
    /// How likely each value is a near miss. In half of the cases all are valid, so that whole
    /// commands get through.
    var flaws: Double
    /// Whether a failed look-up would be tried again, which takes seconds.
    var isPatient = false
    /// Few, so that commands, files and devices name the same peers.
    var peerKeys: [[UInt8]]
    private let secretKeys: [[UInt8]]

    init(seed: UInt64, kind: String, number: Int, now: Int) {
        var random = SeededRandom(seed: seed, kind: kind, number: number)
        self.now = now
        flaws = random.chance(0.5) ? 0 : random.pick([0.02, 0.1, 0.3])
        let oddKey = [UInt8](repeating: random.pick([0, 0xff]), count: 32)
        peerKeys = (0..<5).map { $0 == 0 && random.chance(0.1) ? oddKey : random.bytes(32) }
        secretKeys = (0..<4).map { _ in random.bytes(32) }
        self.random = random
    }

    /// `valid`, or one of the near misses, or a mutation of it.
    mutating func flawed(_ valid: [UInt8], _ nearMisses: [String] = []) -> [UInt8] {
        guard random.chance(flaws) else { return valid }
        if !nearMisses.isEmpty, random.chance(0.5) { return random.pick(nearMisses).bytes }
        return Mutation.mutate(valid, &random)
    }

    mutating func flawed(_ valid: String, _ nearMisses: [String] = []) -> [UInt8] { flawed(valid.bytes, nearMisses) }

    /// Raw bytes of a private or preshared key.
    mutating func secretKey() -> [UInt8] {
        random.chance(0.05) ? [UInt8](repeating: 0, count: 32) : random.pick(secretKeys)
    }

    /// A secret as base64, right or nearly; no message may repeat it.
    mutating func secretText() -> [UInt8] {
        let text = flawed(KeyText.base64(secretKey()), KeyText.nearMisses)
        draft.secrets.append(text)
        return text
    }

    /// The name of a file with a key in it, or of one that is not what it should be.
    mutating func keyFile() -> [UInt8] {
        if random.chance(0.05) {
            draft.input = keyFileText()
            return "/dev/stdin".bytes
        }
        if random.chance(flaws) {
            let bad: [(String, Case.File?)] = [
                ("folder", .directory), ("missing", nil), ("", nil), ("-", nil), ("/dev/zero", nil),
                ("loop", .link(to: "loop")),
            ]
            let (name, file) = random.pick(bad)
            draft.files[name] = file
            return name.bytes
        }
        let name = "key\(draft.files.count)"
        draft.files[name] = random.chance(0.1) ? .link(to: "/dev/null") : .text(keyFileText())
        return name.bytes
    }

    private mutating func keyFileText() -> [UInt8] {
        if random.chance(0.1) { return [] }
        let spaces = random.pick([
            "\n", "\n", "\n", "", "\r\n", " \t\u{b}\u{c}\r\n", String(repeating: "\n ", count: 500),
        ])
        let text = secretText() + spaces.bytes
        guard random.chance(flaws) else { return text }
        let junk = random.pick([
            "x", "\n\nx", "\0", "=", "\u{a0}", String(repeating: " ", count: 4096) + "#", "\nkey\n",
        ])
        return random.chance(0.3) ? " ".bytes + text : text + junk.bytes
    }
}
