import FuzzSupport

/// The messages of a device's dump read in the plainest way.
struct NaiveDeviceDump {
    struct Refusal: Error {}

    private struct NaivePeer {
        var publicKey: String?
        var fields: [String: String] = [:]
        var allowedIPs: [String] = []
    }

    private var privateKey: String?
    private var listenPort: UInt64 = 0
    private var fwmark: UInt64 = 0
    private var peers: [NaivePeer] = []

    /// Type and content of each attribute.
    static func attributes(_ bytes: [UInt8]) throws(Refusal) -> [(type: UInt64, content: [UInt8])] {
        var attributes: [(type: UInt64, content: [UInt8])] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard rest.count >= 4 else { throw Refusal() }
            let length = Int(Netlink.number(rest.prefix(2)))
            guard length >= 4, length <= rest.count else { throw Refusal() }
            // The two highest bits are flags.
            let type = Netlink.number(rest.dropFirst(2).prefix(2)) & 0x3fff
            attributes.append((type, Array(rest.dropFirst(4).prefix(length - 4))))
            rest = rest.dropFirst(Netlink.aligned(length))
        }
        return attributes
    }

    mutating func take(_ message: [UInt8]) throws(Refusal) {
        for (type, content) in try Self.attributes(message) {
            switch type {
            case 3: privateKey = try secret(content)
            case 4: _ = try text(content, count: 32)
            case 6: listenPort = try number(content, count: 2)
            case 7: fwmark = try number(content, count: 4)
            case 8:
                for peer in try Self.attributes(content) { take(try readPeer(peer.content)) }
            default: break
            }
        }
    }

    /// A peer's allowed-ips may go on behind the first message.
    private mutating func take(_ peer: NaivePeer) {
        if let last = peers.last, last.publicKey == peer.publicKey {
            peers[peers.count - 1].allowedIPs += peer.allowedIPs
        } else {
            peers.append(peer)
        }
    }

    private func readPeer(_ bytes: [UInt8]) throws(Refusal) -> NaivePeer {
        var peer = NaivePeer()
        for (type, content) in try Self.attributes(bytes) {
            switch type {
            case 1: peer.publicKey = try text(content, count: 32)
            case 2: peer.fields["preshared_key"] = try secret(content)
            case 4: peer.fields["endpoint"] = endpoint(content)
            case 5: peer.fields["keepalive"] = "\(try number(content, count: 2))"
            case 6: _ = try text(content, count: 16)
            case 7, 8: _ = try number(content, count: 8)
            case 9:
                for entry in try Self.attributes(content) { peer.allowedIPs.append(try allowedIP(entry.content)) }
            default: break
            }
        }
        guard peer.publicKey != nil else { throw Refusal() }
        return peer
    }

    private func allowedIP(_ bytes: [UInt8]) throws(Refusal) -> String {
        var address: [UInt8] = []
        var length: UInt64?
        for (type, content) in try Self.attributes(bytes) {
            if type == 2 { address = content }
            if type == 3 { length = try number(content, count: 1) }
        }
        guard let length, let address = Naive.address(network: address), length <= address.bits else { throw Refusal() }
        return "\(address.text)/\(length)"
    }

    /// Of a sockaddr_in or sockaddr_in6; nil for anything else.
    private func endpoint(_ bytes: [UInt8]) -> String? {
        let family = Netlink.number(bytes.prefix(2))
        let isV6 = family == 10
        guard isV6 ? bytes.count >= 28 : family == 2 && bytes.count >= 16 else { return nil }
        let address = Naive.address(network: Array(isV6 ? bytes[8..<24] : bytes[4..<8]))!
        let scope = isV6 ? Netlink.number(bytes[24..<28]) : 0
        let port = Netlink.number(bytes[2..<4].reversed())
        return "\(address.text)%\(scope):\(port)"
    }

    private func secret(_ bytes: [UInt8]) throws(Refusal) -> String? {
        let hex = try text(bytes, count: 32)
        return hex.allSatisfy { $0 == "0" } ? nil : hex
    }

    private func text(_ bytes: [UInt8], count: Int) throws(Refusal) -> String {
        guard bytes.count == count else { throw Refusal() }
        return Naive.hex(bytes)
    }

    private func number(_ bytes: [UInt8], count: Int) throws(Refusal) -> UInt64 {
        guard bytes.count == count else { throw Refusal() }
        return Netlink.number(bytes)
    }
}

extension NaiveDeviceDump: CustomStringConvertible {
    var description: String {
        let interface = [privateKey ?? "none", "\(listenPort)", "\(fwmark)"]
        let rows = peers.map { peer in
            let fields = ["preshared_key", "endpoint"].map { peer.fields[$0] ?? "none" }
            return [peer.publicKey!] + fields + [peer.fields["keepalive"] ?? "0"] + peer.allowedIPs
        }
        return ([interface] + rows).map { $0.joined(separator: " ") }.joined(separator: "\n")
    }
}
