import FuzzSupport
import Glibc

/// A daemon's side of a conversation in the plainest way: only which requests there are, and which are good.
enum NaiveServer {
    struct Answer {
        var code: Int
        /// Whether the interface was changed.
        var isDone = false
    }

    private static let longest = 4096

    static func answers(to words: [UInt8]) -> [Answer] {
        var answers: [Answer] = []
        var lines = words.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
        let last = lines.removeLast()
        while !lines.isEmpty {
            let operation = lines.removeFirst()
            guard operation.count <= longest else { return answers + [Answer(code: -Int(EMSGSIZE))] }
            guard ["get=1", "set=1"].contains(Naive.text(operation)) else { return answers }
            let body = lines.prefix { !$0.isEmpty }
            if (body + (body.count == lines.count ? [last] : [])).contains(where: { $0.count > longest }) {
                return answers + [Answer(code: -Int(EMSGSIZE))]
            }
            guard body.count < lines.count else { return answers + [Answer(code: -Int(EPROTO))] }
            lines.removeFirst(body.count + 1)
            let isGet = operation[0] == UInt8(ascii: "g")
            let code = isGet ? (body.isEmpty ? 0 : EINVAL) : refusal(of: Array(body))
            answers.append(Answer(code: -Int(code), isDone: code == 0 && !isGet))
        }
        return last.count > longest ? answers + [Answer(code: -Int(EMSGSIZE))] : answers
    }

    /// The number of the first bad line; 0 where all are good.
    private static func refusal(of body: [[UInt8]]) -> CInt {
        var isPeer = false
        for line in body {
            let parts = line.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return EPROTO }
            let key = Naive.text(Array(parts[0]))
            guard isGood(key, Array(parts[1]), ofPeer: isPeer) else { return EINVAL }
            if key == "public_key" { isPeer = true }
        }
        return 0
    }

    private static func isGood(_ key: String, _ value: [UInt8], ofPeer isPeer: Bool) -> Bool {
        func isNumber(upTo largest: UInt64) -> Bool { Naive.number(value, upTo: largest) != nil }
        switch (key, isPeer) {
        case ("public_key", _), ("private_key", false), ("preshared_key", true): return isHexKey(value)
        case ("listen_port", false), ("persistent_keepalive_interval", true): return isNumber(upTo: 0xffff)
        case ("fwmark", false): return isNumber(upTo: 0xffff_ffff)
        case ("replace_peers", false), ("remove", true), ("update_only", true), ("replace_allowed_ips", true):
            return Naive.text(value) == "true"
        case ("protocol_version", true): return Naive.text(value) == "1"
        case ("endpoint", true): return isEndpoint(value)
        case ("allowed_ip", true):
            return isAllowedIP(value.first == UInt8(ascii: "-") ? Array(value.dropFirst()) : value)
        default: return false
        }
    }

    private static func isHexKey(_ value: [UInt8]) -> Bool {
        value.count == 64 && value.allSatisfy { $0 < 0x80 && Character(UnicodeScalar($0)).isHexDigit }
    }

    private static func isAllowedIP(_ value: [UInt8]) -> Bool {
        guard let slash = value.firstIndex(of: UInt8(ascii: "/")), let address = Naive.address(Array(value[..<slash])),
            let length = Naive.number(Array(value[(slash + 1)...]), upTo: 128)
        else { return false }
        // Without leading zeros.
        return length <= address.bits && Array(String(length).utf8) == Array(value[(slash + 1)...])
    }

    private static func isEndpoint(_ value: [UInt8]) -> Bool {
        guard let colon = value.lastIndex(of: UInt8(ascii: ":")),
            Naive.number(Array(value[(colon + 1)...]), upTo: 65535) != nil
        else { return false }
        let host = Array(value[..<colon])
        guard host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]"), host.count > 1 else {
            return Naive.address(host)?.bytes.count == 4
        }
        let parts = host[1..<(host.count - 1)].split(
            separator: UInt8(ascii: "%"), maxSplits: 1, omittingEmptySubsequences: false)
        guard Naive.address(Array(parts[0]))?.bytes.count == 16 else { return false }
        return parts.count == 1 || isScope(Array(parts[1]))
    }

    private static func isScope(_ text: [UInt8]) -> Bool {
        if Naive.number(text, upTo: 0xffff_ffff) != nil { return true }
        return !text.contains(0) && if_nametoindex(Naive.text(text)) != 0
    }
}
