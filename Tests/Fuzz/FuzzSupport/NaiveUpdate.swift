/// An update put together field by field; its text is the request that a daemon gets.
package struct NaiveUpdate {
    private var privateKey: String?
    private var listenPort: UInt64?
    private var fwmark: UInt64?
    package var peers: [NaivePeer] = []
    private let keyOfFile: (_ value: [UInt8]) throws(Naive.Refusal) -> String

    /// `keyOfFile` reads what is behind the word for a secret key.
    package init(secretKey keyOfFile: @escaping (_ value: [UInt8]) throws(Naive.Refusal) -> String) {
        self.keyOfFile = keyOfFile
    }

    /// False for a field that an interface does not have.
    package mutating func takeInterfaceField(_ name: String, _ value: [UInt8]) throws(Naive.Refusal) -> Bool {
        switch name {
        case "privatekey": privateKey = try keyOfFile(value)
        case "listenport": listenPort = try Naive.listenPort(value)
        case "fwmark": fwmark = try Naive.fwmark(value)
        default: return false
        }
        return true
    }

    /// The same for the last peer.
    package mutating func takePeerField(_ name: String, _ value: [UInt8]) throws(Naive.Refusal) -> Bool {
        let last = peers.count - 1
        switch name {
        case "publickey": peers[last].publicKey = try Naive.key(value)
        case "presharedkey": peers[last].presharedKey = try keyOfFile(value)
        case "endpoint": peers[last].endpoint = try Naive.endpoint(value)
        case "persistentkeepalive": peers[last].persistentKeepalive = try Naive.persistentKeepalive(value)
        case "allowedips": try peers[last].allowedIPs.take(value)
        default: return false
        }
        return true
    }

    package var request: String {
        var lines = ["set=1"]
        if let privateKey { lines.append("private_key=\(privateKey)") }
        if let listenPort { lines.append("listen_port=\(listenPort)") }
        if let fwmark { lines.append("fwmark=\(fwmark)") }
        return (lines + peers.flatMap(\.lines)).joined(separator: "\n") + "\n\n"
    }

    package var warnings: Int { peers.reduce(0) { $0 + $1.allowedIPs.untidy.count } }
}

package struct NaivePeer {
    package var publicKey: String?
    package var removes = false
    package var presharedKey: String?
    package var endpoint: String?
    package var persistentKeepalive: UInt64?
    package var allowedIPs: NaiveAllowedIPs

    package init(replacesAllowedIPs: Bool) { allowedIPs = NaiveAllowedIPs(replaces: replacesAllowedIPs) }

    fileprivate var lines: [String] {
        var lines = ["public_key=\(publicKey!)"]
        if removes { return lines + ["remove=true"] }
        if let presharedKey { lines.append("preshared_key=\(presharedKey)") }
        if let endpoint { lines.append("endpoint=\(endpoint)") }
        if let persistentKeepalive { lines.append("persistent_keepalive_interval=\(persistentKeepalive)") }
        if allowedIPs.replaces { lines.append("replace_allowed_ips=true") }
        return lines + allowedIPs.lines
    }
}
