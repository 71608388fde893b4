import Glibc
import TestSupport
import Testing

extension HostileNetwork {
    /// Clients of the daemon's socket that are many, slow, or talk nonsense.
    @Suite("A crowded control socket")
    struct ControlSocketTests {
        private static let crowd = 2000
        private static let mostMemory = 64 << 20

        @Test("keeps neither wg nor packets waiting, and is empty when all have left")
        func crowd() async throws {
            try await Arena.run {
                try ip("link set lo up")
                try raiseDescriptorLimit(to: Self.crowd + 500)
                let (left, right) = (try Site(1), try Site(2))
                try left.add(right, at: right.port)
                try right.add(left)
                #expect(try left.reaches(right))
                let descriptors = left.descriptorCount
                do {
                    let clients = try (0..<Self.crowd).map { _ in try ControlConnection(to: left.interface) }
                    for (index, client) in clients.enumerated() { Self.beginAnything(client, index) }
                    // Each of the slow ones says a little more between the questions of an honest one.
                    for turn in 0..<20 {
                        for index in clients.indices where index % 4 == 1 { clients[index].say(Self.slowly[turn]) }
                        #expect(try left.dump().hasPrefix("\(try left.ownPrivateKey())\t"))
                    }
                    try left.set("fwmark", "7")
                    #expect(try left.dump().split(separator: "\n")[0].hasSuffix("0x7"))
                    #expect(try left.reaches(right))
                    // Those who spoke slowly are answered as well.
                    for index in clients.indices where index % 4 == 1 {
                        #expect(clients[index].hear().hasSuffix("errno=0\n\n"))
                    }
                }
                #expect(waits { left.descriptorCount == descriptors }, "\(left.descriptorCount), \(descriptors) before")
                #expect(left.peakMemory < Self.mostMemory, "\(left.peakMemory >> 20) MB")
                #expect(left.isWell && right.isWell, "\(left.complaints)")
            }
        }

        /// A question in seven pieces, and then patience.
        private static let slowly = "get=1\n\n".map(String.init) + [String](repeating: "", count: 13)

        /// One of four says nothing at all, one will speak slowly, one ends in the middle, one asks without listening.
        private static func beginAnything(_ client: ControlConnection, _ index: Int) {
            switch index % 4 {
            case 2: client.say("set=1\nprivate_key=5a5a")
            case 3: client.say(Array(String(repeating: "get=1\n\n", count: 500).utf8), waits: false)
            default: break
            }
        }

        static let nonsense = [
            Words("nothing", ""), Words("a newline", "\n"), Words("an unknown question", "got=1\n\n"),
            Words("NULs", repeating: "\0", 100_000),
            Words("a line without end", repeating: "x", 10_000_000),
            Words("a value without end", "set=1\nprivate_key=", repeating: "5", 10_000_000),
            Words("a question without end", "get=", repeating: "1", 10_000_000),
            Words("unknown keys", "set=1\n", repeating: "secret=1\n", 100_000, "\n"),
            Words("a key that is none", "set=1\nprivate_key=5a\n\n"),
            Words("a port too large", "set=1\nlisten_port=65536\n\n"),
            Words("a mark too large", "set=1\nfwmark=4294967296\n\n"),
            Words("a line before its peer", "set=1\nendpoint=127.0.0.1:1\n\n"),
            Words("bad bytes", "set=1\nlisten_port=\u{ff}\u{fe}\n\n"),
            Words(
                "good lines before a bad one",
                "set=1\nfwmark=99\nreplace_peers=true\npublic_key=\(String(repeating: "5a", count: 32))\nallowed_ip=10.0.0.0/99\n\n"
            ),
        ]

        @Test("is told nonsense, and changes nothing", arguments: [false, true])
        func nonsense(_ endsSaying: Bool) async throws {
            try await Arena.run {
                let site = try Site(1)
                let dump = try site.dump()
                for words in Self.nonsense {
                    let client = try ControlConnection(to: site.interface)
                    client.say(words.text)
                    if endsSaying { client.endSaying() } else { client.say("\n\nget=1\n\n") }
                    let answer = client.hear()
                    #expect(!answer.hasPrefix("errno=0\n") || endsSaying, "\(words.name): \(answer)")
                    #expect(try site.dump() == dump, "\(words.name)")
                }
                #expect(site.memory < Self.mostMemory, "\(site.memory >> 20) MB")
                #expect(site.isWell, "\(site.complaints)")
            }
        }

        /// What is said, by name.
        struct Words: Sendable {
            let name: String
            let text: String

            init(_ name: String, _ before: String, repeating unit: String = "", _ count: Int = 0, _ after: String = "")
            {
                self.name = name
                text = before + String(repeating: unit, count: count) + after
            }

            init(_ name: String, repeating unit: String, _ count: Int) { self.init(name, "", repeating: unit, count) }
        }
    }
}

private func raiseDescriptorLimit(to count: Int) throws {
    let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    getrlimit(kind, &limit)
    limit.rlim_cur = max(limit.rlim_cur, rlim_t(count))
    limit.rlim_max = max(limit.rlim_max, limit.rlim_cur)
    try check(Int(setrlimit(kind, &limit)), "setrlimit")
}
