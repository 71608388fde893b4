import FuzzSupport

/// Messages about links, addresses, routes and rules, read in the plainest way: each as a line of text, or nothing.
enum NaiveRouting {
    typealias Refusal = NaiveDeviceDump.Refusal
    private typealias Fields = [UInt64: String]

    /// All lines, or of a question that has one answer the last.
    static func lines(_ routing: Question.Routing, _ messages: [[UInt8]]) throws(Refusal) -> [String] {
        var lines: [String] = []
        for message in messages { lines += try line(routing, message).map { [$0] } ?? [] }
        guard routing == .link || routing == .lookup else { return lines }
        guard let last = lines.last else { throw Refusal() }
        return [last]
    }

    private static func line(_ routing: Question.Routing, _ message: [UInt8]) throws(Refusal) -> String? {
        switch routing {
        case .links, .link: try link(message)
        case .addresses: try address(message)
        case .routes: try route(message)
        case .rules: try rule(message)
        case .lookup: try lookup(message)
        }
    }

    private static func link(_ message: [UInt8]) throws(Refusal) -> String {
        let (header, attributes) = try split(message, 16)
        var (name, kind, mtu) = ("", "none", "0")
        for (type, content) in try NaiveDeviceDump.attributes(attributes) {
            if type == 3 { name = text(content) }
            if type == 4 { mtu = try number(content) }
            guard type == 18 else { continue }
            for (type, content) in try NaiveDeviceDump.attributes(content) where type == 1 { kind = text(content) }
        }
        if name.isEmpty { throw Refusal() }
        return "\(try number(Array(header[4..<8]))) \(name) \(kind) \(mtu) \(try number(Array(header[8..<12])))"
    }

    private static func address(_ message: [UInt8]) throws(Refusal) -> String? {
        let (header, attributes) = try split(message, 8)
        guard try number(Array(header[4...])) == "1", let family = family(header[0]) else { return nil }
        var (local, prefix): (Place?, Place?)
        var flags = "\(header[2])"
        for (type, content) in try NaiveDeviceDump.attributes(attributes) {
            if type == 1 { prefix = try place(content) }
            if type == 2 { local = try place(content) }
            if type == 8 { flags = try number(content) }
        }
        guard let address = local ?? prefix else { throw Refusal() }
        return "\(try network(address, header[1], family)) \(header[3]) \(flags)"
    }

    private static func route(_ message: [UInt8]) throws(Refusal) -> String? {
        let (header, attributes) = try split(message, 12)
        let isCloned = header[9] & 2 != 0
        // IPv4 is asked for, and other families are left out.
        guard !isCloned, header[0] == 2, let family = family(header[0]) else { return nil }
        let (fields, destination) = try routeFields(attributes)
        if destination == nil && header[1] != 0 { throw Refusal() }
        let zero = Place(text: family == 32 ? "0.0.0.0" : "::", bits: family)
        let network = try network(destination ?? zero, header[1], family)
        let rest = [5, 7, 6, 2].map { fields[$0] ?? "none" }.joined(separator: " ")
        let table = fields[15] ?? "\(header[4])"
        return "\(network) \(table) \(fields[4] ?? "none") \(rest) \(header[7]) \(header[6]) \(header[5])"
    }

    private static func lookup(_ message: [UInt8]) throws(Refusal) -> String {
        let fields = try routeFields(split(message, 12).rest).fields
        guard let device = fields[4] else { throw Refusal() }
        return "\(device) \(fields[5] ?? "none") \(fields[7] ?? "none") \(fields[2] ?? "none")"
    }

    /// By type; the MTU, which is inside of another, goes by 2.
    private static func routeFields(_ bytes: [UInt8]) throws(Refusal) -> (fields: Fields, destination: Place?) {
        var fields: Fields = [:]
        var destination: Place?
        for (type, content) in try NaiveDeviceDump.attributes(bytes) {
            switch type {
            case 1: destination = try place(content)
            case 4, 6, 15: fields[type] = try number(content)
            case 5, 7: fields[type] = try place(content).text
            case 8:
                for (type, content) in try NaiveDeviceDump.attributes(content) where type == 2 {
                    fields[2] = try number(content)
                }
            default: break
            }
        }
        return (fields, destination)
    }

    private static func rule(_ message: [UInt8]) throws(Refusal) -> String? {
        let (header, attributes) = try split(message, 12)
        // IPv6 is asked for, and other families are left out.
        guard header[0] == 10, let family = family(header[0]), header[7] == 1 else { return nil }
        var fields: Fields = [:]
        var hasOther = header[3] != 0
        for (type, content) in try NaiveDeviceDump.attributes(attributes) {
            switch type {
            case 1: fields[1] = try network(place(content), header[1], family)
            case 2: fields[2] = try network(place(content), header[2], family)
            case 6, 10, 15: fields[type] = try number(content)
            case 14, 16: fields[type] = try unlessAllBits(content)
            case 13: hasOther = try unlessAllBits(content) != nil || hasOther
            case 3, 12, 17, 20, 22, 23, 24: hasOther = true
            default: break
            }
        }
        let words = [2, 1, 10, 16].map { fields[$0] ?? "none" }.joined(separator: " ")
        let table = fields[15] ?? "\(header[4])"
        return
            "\(family) \(fields[6] ?? "0") \(header[8] & 2 != 0) \(words) \(table) \(fields[14] ?? "none") \(hasOther)"
    }

    // MARK: Pieces

    private struct Place {
        let text: String
        let bits: UInt64
    }

    private static func split(_ message: [UInt8], _ size: Int) throws(Refusal) -> (header: [UInt8], rest: [UInt8]) {
        guard message.count >= size else { throw Refusal() }
        return (Array(message[..<size]), Array(message[size...]))
    }

    /// Width of its addresses.
    private static func family(_ number: UInt8) -> UInt64? { number == 2 ? 32 : number == 10 ? 128 : nil }

    private static func place(_ bytes: [UInt8]) throws(Refusal) -> Place {
        guard let address = Naive.address(network: bytes) else { throw Refusal() }
        return Place(text: address.text, bits: UInt64(address.bits))
    }

    private static func network(_ place: Place, _ length: UInt8, _ family: UInt64) throws(Refusal) -> String {
        guard place.bits == family, UInt64(length) <= family else { throw Refusal() }
        return "\(place.text)/\(length)"
    }

    private static func number(_ bytes: [UInt8]) throws(Refusal) -> String {
        guard bytes.count == 4 else { throw Refusal() }
        return "\(Netlink.number(bytes))"
    }

    private static func unlessAllBits(_ bytes: [UInt8]) throws(Refusal) -> String? {
        let number = try number(bytes)
        return number == "4294967295" ? nil : number
    }

    private static func text(_ bytes: [UInt8]) -> String { Naive.text(Array(bytes.prefix { $0 != 0 })) }
}
