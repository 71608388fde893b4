import Testing

/// A generator of cases of one kind.
struct CaseKind: Sendable, CustomTestStringConvertible {
    let name: String
    let count: Int
    let fill: @Sendable (inout CaseMaker) -> Void

    static let all = [
        CaseKind(name: "set", count: 2000, fill: SetCases.fill),
        CaseKind(name: "conf", count: 2400, fill: ConfigCases.fill),
        CaseKind(name: "show", count: 2400, fill: ShowCases.fill),
        CaseKind(name: "reply", count: 400, fill: ReplyCases.fill),
        CaseKind(name: "pubkey", count: 600, fill: PublicKeyCases.fill),
        CaseKind(name: "large", count: 16, fill: LargeCases.fill),
        CaseKind(name: "command", count: 400, fill: CommandCases.fill),
    ]

    var testDescription: String { name }

    /// The same case for the same seed and number, whatever ran before it.
    func make(_ number: Int, seed: UInt64, now: Int) -> Case {
        draft(CaseMaker(seed: seed, kind: name, number: number, now: now))
    }

    /// One in which all is valid, and which is about the same peers as the others of the seed.
    func makeValid(_ number: Int, seed: UInt64) -> Case {
        var maker = CaseMaker(seed: seed, kind: name, number: number, now: 0)
        maker.flaws = 0
        maker.peerKeys = CaseMaker(seed: seed, kind: "", number: 0, now: 0).peerKeys
        return draft(maker)
    }

    private func draft(_ maker: CaseMaker) -> Case {
        var maker = maker
        fill(&maker)
        // No argument of a program holds a NUL.
        maker.draft.arguments = maker.draft.arguments.map { $0.filter { $0 != 0 } }
        return maker.draft
    }
}
