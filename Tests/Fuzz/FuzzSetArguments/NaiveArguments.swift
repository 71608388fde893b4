import ByteText
import FuzzSupport

/// The words of `wg set` read in the plainest way.
enum NaiveArguments {
    static func read(_ words: [[UInt8]]) throws(Naive.Refusal) -> NaiveUpdate {
        var update = NaiveUpdate { path throws(Naive.Refusal) in try key(inFile: path) }
        var next = 0
        while next < words.count {
            let word = Naive.text(words[next])
            let value = next + 1 < words.count ? words[next + 1] : nil
            if word == "remove", !update.peers.isEmpty {
                update.peers[update.peers.count - 1].removes = true
                next += 1
            } else {
                try take(word, value, into: &update)
                next += 2
            }
        }
        return update
    }

    private static let interfaceFields = ["listen-port", "fwmark", "private-key"]
    private static let peerFields = ["preshared-key", "endpoint", "persistent-keepalive", "allowed-ips"]

    private static func take(
        _ word: String, _ value: [UInt8]?, into update: inout NaiveUpdate
    ) throws(Naive.Refusal) {
        let fields = update.peers.isEmpty ? interfaceFields : peerFields
        guard let value, word == "peer" || fields.contains(word) else {
            throw Naive.Refusal(message: "Invalid argument: ")
        }
        if word == "peer" {
            update.peers.append(NaivePeer(replacesAllowedIPs: false))
            _ = try update.takePeerField("publickey", value)
        } else if update.peers.isEmpty {
            _ = try update.takeInterfaceField(word.filter { $0 != "-" }, value)
        } else {
            _ = try update.takePeerField(word.filter { $0 != "-" }, value)
        }
    }

    /// As ``FakeSources`` has the files.
    private static func key(inFile path: [UInt8]) throws(Naive.Refusal) -> String {
        switch Naive.text(path) {
        case "/dev/null": return String(repeating: "0", count: 64)
        case "short": throw Naive.Refusal(message: "Invalid length key in key file")
        case "trailing": throw Naive.Refusal(message: "Found trailing character in key file")
        default: break
        }
        guard let key = try? Naive.key(path), !(0x30...0x39 ~= path[0]) else {
            throw Naive.Refusal(message: "Unable to read key file ")
        }
        return key
    }
}
