/// What a peer's allowed-ips come to after one list or several.
package struct NaiveAllowedIPs {
    package private(set) var replaces: Bool
    /// As lines of a request.
    package private(set) var lines: [String] = []
    /// Entries with bits behind their prefix, of which there is a warning each.
    package private(set) var untidy: [String] = []

    package init(replaces: Bool) { self.replaces = replaces }

    package mutating func take(_ list: [UInt8]) throws(Naive.Refusal) {
        replaces = true
        let stripped = list.filter { !Naive.isSpace($0) }
        if stripped.isEmpty { return }
        for entry in stripped.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            try take(entry: Array(entry))
        }
    }

    private mutating func take(entry: [UInt8]) throws(Naive.Refusal) {
        let sign = entry.first.map { "+-".utf8.contains($0) ? $0 : 0 } ?? 0
        if sign != 0 { replaces = false }
        let prefix = sign == 0 ? entry : Array(entry.dropFirst())
        let parts = prefix.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = Naive.address(Array(parts[0])) else {
            throw Naive.Refusal(message: "Unable to parse IP address")
        }
        var length = address.bits
        if parts.count == 2 {
            guard let given = Naive.number(Array(parts[1]), upTo: address.bits) else {
                throw Naive.Refusal(message: "AllowedIP is not in the correct format")
            }
            length = given
        }
        if hasBits(behind: length, address) { untidy.append(Naive.text(prefix)) }
        lines.append("allowed_ip=\(sign == UInt8(ascii: "-") ? "-" : "")\(address.text)/\(length)")
    }

    private func hasBits(behind length: UInt64, _ address: NaiveAddress) -> Bool {
        (length..<address.bits).contains { bit in
            address.bytes[Int(bit / 8)] & (0x80 >> UInt8(bit % 8)) != 0
        }
    }
}
