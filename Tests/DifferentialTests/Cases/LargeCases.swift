/// Devices and files of thousands of peers: more than one read, write or page of anything.
enum LargeCases {
    static func fill(_ maker: inout CaseMaker) {
        maker.flaws = 0
        let keys = (0..<3000).map { _ in maker.random.bytes(32) }
        let deviceKeys = maker.random.shuffled(Array(keys.prefix(2500)))
        let answer = deviceKeys.map { devicePeer($0, &maker) }.joined() + "errno=0\n\n".bytes
        let fileKeys = maker.random.shuffled(Array(keys.suffix(2500)))
        maker.draft.files["wg0.conf"] = .text(Array(fileKeys.map { filePeer($0, &maker) }.joined()))
        maker.draft.folder = .holding([.device("wg0", .init(toGet: Array(answer)))])
        maker.draft.arguments = maker.random.pick([
            ["show", "wg0"], ["show", "wg0", "dump"], ["show", "all", "allowed-ips"], ["showconf", "wg0"],
            ["setconf", "wg0", "wg0.conf"], ["addconf", "wg0", "wg0.conf"], ["syncconf", "wg0", "wg0.conf"],
            ["syncconf", "wg0", "wg0.conf"],
        ]).map(\.bytes)
    }

    private static func devicePeer(_ key: [UInt8], _ maker: inout CaseMaker) -> [UInt8] {
        var lines = ["public_key=".bytes + KeyText.hex(key)]
        if maker.random.chance(0.3) { lines.append("preshared_key=".bytes + KeyText.hex(maker.random.bytes(32))) }
        if maker.random.chance(0.3) { lines.append("persistent_keepalive_interval=\(maker.random.below(65536))".bytes) }
        if maker.random.chance(0.5) { lines.append("endpoint=192.0.2.1:\(maker.random.below(65536))".bytes) }
        lines.append("last_handshake_time_sec=\(maker.now - maker.random.below(1000))".bytes)
        for _ in 0..<maker.random.below(4) { lines.append("allowed_ip=\(maker.address())/0".bytes) }
        return lines.flatMap { $0 + "\n".bytes }
    }

    private static func filePeer(_ key: [UInt8], _ maker: inout CaseMaker) -> [UInt8] {
        var lines = ["[Peer]".bytes, "PublicKey = ".bytes + KeyText.base64(key)]
        if maker.random.chance(0.3) { lines.append("PresharedKey = ".bytes + maker.secretText()) }
        if maker.random.chance(0.3) { lines.append("PersistentKeepalive = ".bytes + maker.keepalive()) }
        let addresses = (0..<maker.random.below(4)).map { _ in maker.address() }
        if !addresses.isEmpty { lines.append("AllowedIPs = \(addresses.joined(separator: ", "))".bytes) }
        return lines.flatMap { $0 + "\n".bytes }
    }
}
