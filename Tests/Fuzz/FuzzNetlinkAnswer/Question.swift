/// What the kernel is asked in a test, and what it answers, taken out of an input.
struct Question {
    enum Kind: UInt8 {
        /// The contents of a dump's messages, without headers.
        case dump
        case routing
        case get
        case set
    }

    /// Of links, addresses, routes and rules.
    enum Routing: UInt8 {
        case links, link, addresses, routes, rules, lookup
    }

    let kind: Kind
    let routing: Routing
    /// Whether the input holds contents of messages, which only get their headers here.
    let isFramed: Bool
    let contents: [[UInt8]]
    /// Whether the module is there, so that only the answer behind it comes from the input.
    let knowsFamily: Bool
    let repeats: Bool
    let datagrams: [[UInt8]]

    /// The first byte tells the question; then come datagrams, each behind its length in two bytes.
    init(_ input: [UInt8]) {
        let flags = input.first ?? 0
        kind = Kind(rawValue: flags & 3)!
        knowsFamily = flags & 4 == 0
        repeats = flags & 8 != 0
        var datagrams: [[UInt8]] = []
        var rest = input.dropFirst()
        while rest.count > 2 {
            let length = Int(Netlink.number(rest.prefix(2)))
            datagrams.append(Array(rest.dropFirst(2).prefix(length)))
            rest = rest.dropFirst(2 + length)
        }
        routing = Routing(rawValue: flags >> 4 & 7) ?? .links
        isFramed = kind == .routing && flags & 0x80 != 0
        contents = datagrams
        self.datagrams = isFramed ? datagrams.map { Netlink.message(type: 16, $0) } + [Netlink.success] : datagrams
    }
}
