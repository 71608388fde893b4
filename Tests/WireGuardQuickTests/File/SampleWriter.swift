import LinuxNetlink
import TestSupport
import WireGuardKeys
import WireGuardModel
import WireGuardQuick

/// Writes files that are right, in every way in which files are written, and changes what they make.
struct SampleWriter {
    private var random: SeededRandom

    /// The last is the public key of the first.
    private static let keys = (10..<14).map { SampleKeys.text(of: $0) } + [ownKey]
    private static let ownKey = String {
        PrivateKey(base64: Array(SampleKeys.text(of: 10).utf8).span)!.publicKey.appendBase64(to: &$0)
    }
    private static let prefixes = [
        "10.0.0.0/8", "10.1.2.3/16", "0.0.0.0/0", "::/0", "fd00::/8", "192.0.2.1", "192.0.2.0/24", "fd00::1/128",
    ]
    private static let endpoints = ["192.0.2.1:51820", "[fd00::9]:5", "known.example:51820", "198.51.100.7:1"]

    init(_ random: SeededRandom) { self.random = random }

    mutating func file() -> String {
        var text = filler()
        if !random.once(in: 6) { text += interface() }
        for _ in 0..<random.below(5) { text += peer() }
        if random.once(in: 8) { text += interface() }
        if random.once(in: 4) { text = text.replacing("\n", with: "\r\n") }
        if random.once(in: 4), text.hasSuffix("\n") { text.removeLast() }
        return text
    }

    private mutating func interface() -> String {
        let isPlain = !random.once(in: 8)
        var lines = [String]()
        if random.once(in: 2) { lines.append("PrivateKey = " + random.pick(Self.keys)) }
        if random.once(in: 2) { lines.append("listenport=\(random.below(65536))") }
        if random.once(in: 4) { lines.append("FwMark = " + random.pick(["0x10", "off", "51820", "7"])) }
        if isPlain {
            for _ in 0..<random.below(3) {
                lines.append("Address = " + random.pick(["10.0.0.1/8", "fd00::1", "::1/9, 10.3.0.1"]))
            }
            if random.once(in: 3) { lines.append("MTU = 1420") }
            if random.once(in: 3) { lines.append("PostUp = echo # [Peer]") }
        }
        return line(isPlain ? "[Interface]" : "[ interface ]") + body(lines)
    }

    private mutating func peer() -> String {
        var lines = ["PublicKey = " + random.pick(Self.keys)]
        for _ in 0..<random.below(3) { lines.append("AllowedIPs = " + list()) }
        if random.once(in: 2) { lines.append("Endpoint = " + random.pick(Self.endpoints)) }
        if random.once(in: 3) { lines.append("Persistent Keepalive=\(random.below(3))") }
        if random.once(in: 3) { lines.append("PresharedKey = " + random.pick(Self.keys)) }
        if random.once(in: 8) { lines.append("PresharedKey = " + String(repeating: "A", count: 43) + "=") }
        if random.once(in: 8) { lines.append(random.pick(lines)) }
        return line("[Peer]") + body(lines.shuffled(using: &random))
    }

    private mutating func list() -> String {
        let isSigned = random.once(in: 10)
        let entries = (0...random.below(4)).map { _ in
            (isSigned ? random.pick(["+", "-", ""]) : "") + random.pick(Self.prefixes)
        }
        return entries.joined(separator: random.pick([",", ", ", " ,\t"]))
    }

    private mutating func body(_ lines: [String]) -> String {
        lines.map { line($0) + filler() }.joined()
    }

    private mutating func line(_ text: String) -> String {
        random.pick(["", "", " ", "\t"]) + text + random.pick(["", "", " ", " # note", "#"]) + "\n"
    }

    private mutating func filler() -> String {
        guard random.once(in: 3) else { return "" }
        return (0...random.below(3)).map { _ in random.pick(["\n", "# note\n", " \t\n", "#MTU = 5\n"]) }.joined()
    }

    // MARK: Changes

    mutating func change(_ state: inout InterfaceState) {
        for _ in 0...random.below(3) {
            switch random.below(8) {
            case 0: state.device.listenPort = UInt16(random.below(3))
            case 1: state.device.fwmark = UInt32(random.below(3))
            case 2: changePrivateKey(of: &state.device)
            case 3: changeAddresses(of: &state)
            case 4: addPeer(to: &state.device)
            case 5:
                if !state.device.peers.isEmpty { state.device.peers.remove(at: random.below(state.device.peers.count)) }
            default: changePeer(of: &state.device)
            }
        }
    }

    private mutating func changePrivateKey(of device: inout Device) {
        let key = random.once(in: 3) ? nil : PrivateKey(base64: Array(random.pick(Self.keys).utf8).span)!.clamped
        // An interface that has peers of its own key does not exist.
        if device.peers.contains(where: { $0.publicKey == key?.publicKey }) { return }
        device.privateKey = key
    }

    private mutating func changeAddresses(of state: inout InterfaceState) {
        if !state.addresses.isEmpty, random.once(in: 2) {
            state.addresses.remove(at: random.below(state.addresses.count))
        } else {
            state.addresses.append(
                InterfaceAddress(IPAddress(v4: 0x0a09_0000 + UInt32(random.below(3))), prefixLength: 24)!)
        }
    }

    private mutating func addPeer(to device: inout Device) {
        let key = PublicKey(base64: Array(random.pick(Self.keys + [SampleKeys.text(of: 99)]).utf8).span)!
        guard !device.peers.contains(where: { $0.publicKey == key }), device.privateKey?.publicKey != key else {
            return
        }
        device.peers.append(Peer(publicKey: key))
    }

    private mutating func changePeer(of device: inout Device) {
        guard !device.peers.isEmpty else { return }
        let index = random.below(device.peers.count)
        switch random.below(4) {
        case 0: device.peers[index].persistentKeepalive = UInt16(random.below(3))
        case 1:
            let key = PresharedKey(base64: Array(random.pick(Self.keys).utf8).span)
            device.peers[index].presharedKey = random.once(in: 2) ? key : nil
        case 2:
            guard device.peers[index].endpoint != FileStage.known else { return }
            device.peers[index].endpoint = Endpoint(address: IPAddress(v4: 0x0101_0101), port: 1)
        default: giveAllowedIPs(to: index, of: &device)
        }
    }

    /// Others lose them, as interfaces have it.
    private mutating func giveAllowedIPs(to index: Int, of device: inout Device) {
        let given = Set((0..<random.below(4)).map { _ in AllowedIP(random.pick(Self.prefixes)).masked })
        for other in device.peers.indices {
            let rest = other == index ? [] : device.peers[other].allowedIPs.filter { !given.contains($0) }
            device.peers[other].allowedIPs = ShortList(rest)
        }
        device.peers[index].allowedIPs = ShortList(given)
    }
}
