import FuzzSupport

/// A configuration file read in the plainest way.
enum NaiveConfig {
    enum Outcome {
        case refused(line: Int, message: String)
        case update(NaiveUpdate)
    }

    static func read(_ file: [UInt8]) -> Outcome {
        var update = NaiveUpdate { value throws(Naive.Refusal) in try Naive.key(value) }
        var section = ""
        var sectionLine = 0
        let lines = file.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
        for (index, line) in lines.enumerated() {
            let text = significant(line)
            if text.isEmpty { continue }
            if Naive.isWord(text, "[interface]") || Naive.isWord(text, "[peer]") {
                if section == "[peer]", update.peers.last!.publicKey == nil { return withoutKey(sectionLine) }
                section = Naive.isWord(text, "[peer]") ? "[peer]" : "[interface]"
                sectionLine = index + 1
                if section == "[peer]" { update.peers.append(NaivePeer(replacesAllowedIPs: true)) }
                continue
            }
            do throws(Naive.Refusal) {
                guard try take(text, in: section, into: &update) else {
                    return .refused(line: index + 1, message: "Line unrecognized: ")
                }
            } catch {
                return .refused(line: index + 1, message: error.message)
            }
        }
        if section == "[peer]", update.peers.last!.publicKey == nil { return withoutKey(sectionLine) }
        return .update(update)
    }

    /// Also to tell a line's secrets from its public parts.
    static func significant(_ line: [UInt8]) -> [UInt8] {
        line.prefix { $0 != 0 && $0 != UInt8(ascii: "#") }.filter { !Naive.isSpace($0) }
    }

    private static func withoutKey(_ line: Int) -> Outcome {
        .refused(line: line, message: "A peer is missing a public key")
    }

    private static func take(
        _ text: [UInt8], in section: String, into update: inout NaiveUpdate
    ) throws(Naive.Refusal) -> Bool {
        let parts = text.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty else { return false }
        let name = Naive.text(parts[0].map { 0x41...0x5a ~= $0 ? $0 + 0x20 : $0 })
        switch section {
        case "[interface]": return try update.takeInterfaceField(name, Array(parts[1]))
        case "[peer]": return try update.takePeerField(name, Array(parts[1]))
        default: return false
        }
    }
}
