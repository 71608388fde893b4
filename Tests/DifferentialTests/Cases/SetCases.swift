/// Command lines of `wg set`.
enum SetCases {
    static func fill(_ maker: inout CaseMaker) {
        maker.setRetries()
        var words = interfaceWords(&maker)
        for _ in 0..<maker.random.pick([0, 1, 1, 2, 3, 5]) { words += peerWords(&maker) }
        if maker.random.chance(maker.flaws) { words = misplaced(words, &maker) }
        maker.draft.arguments = ["set".bytes, interface(&maker)] + words
        maker.draft.folder = .holding([.device("wg0", .init())])
    }

    private static func interface(_ maker: inout CaseMaker) -> [UInt8] {
        maker.flawed(
            "wg0", ["", "wg1", "lo", "a/b", "..", "wg0.sock", "WG0", "all", "--help", "an-interface-name-that-is-long"])
    }

    private static func interfaceWords(_ maker: inout CaseMaker) -> [[UInt8]] {
        let fields: [(inout CaseMaker) -> [[UInt8]]] = [
            { [$0.word("listen-port"), $0.port()] },
            { [$0.word("fwmark"), $0.mark()] },
            { [$0.word("private-key"), $0.keyFile()] },
        ]
        return someOf(fields, &maker)
    }

    private static func peerWords(_ maker: inout CaseMaker) -> [[UInt8]] {
        let fields: [(inout CaseMaker) -> [[UInt8]]] = [
            { $0.random.chance(0.3) ? [$0.word("remove")] : [] },
            { [$0.word("preshared-key"), $0.keyFile()] },
            { [$0.word("endpoint"), $0.endpoint()] },
            { [$0.word("persistent-keepalive"), $0.keepalive()] },
            { [$0.word("allowed-ips"), $0.allowedIPs()] },
        ]
        return [maker.word("peer"), maker.peerKey()] + someOf(fields, &maker)
    }

    /// In any order, now and then twice.
    private static func someOf(
        _ fields: [(inout CaseMaker) -> [[UInt8]]], _ maker: inout CaseMaker
    ) -> [[UInt8]] {
        let chosen = fields.filter { _ in maker.random.chance(0.5) }
        let repeated = maker.random.chance(0.15) ? chosen.prefix(1) : []
        return maker.random.shuffled(chosen + repeated).flatMap { $0(&maker) }
    }

    private static func misplaced(_ words: [[UInt8]], _ maker: inout CaseMaker) -> [[UInt8]] {
        guard !words.isEmpty else { return words }
        let place = maker.random.below(words.count)
        let stranger = maker.random.pick([
            "", "peer", "remove", "endpoint", "private-key", "listen-port", "allowed-ips", "off", "--", "-h", "replace",
        ])
        var words = words
        switch maker.random.below(5) {
        case 0: words.removeLast()
        case 1: words.remove(at: place)
        case 2: words.insert(stranger.bytes, at: place)
        case 3: words.swapAt(place, maker.random.below(words.count))
        default: words.append(stranger.bytes)
        }
        return words
    }
}

extension CaseMaker {
    /// A keyword, rarely misspelt.
    mutating func word(_ keyword: String) -> [UInt8] {
        guard random.chance(flaws / 5) else { return keyword.bytes }
        return random.chance(0.3) ? keyword.uppercased().bytes : Mutation.mutate(keyword.bytes, &random)
    }
}
