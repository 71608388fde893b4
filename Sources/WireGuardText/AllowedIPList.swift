internal import ByteText
package import WireGuardModel

/// A comma-separated list of allowed-ips, as `wg set` and configuration files have it.
package enum AllowedIPList {
    /// Adds the list to a peer's update; the sources are warned of addresses with bits behind their prefix.
    ///
    /// A list replaces the peer's allowed-ips unless an entry starts with a sign: `+` adds, `-` removes.
    /// White space counts for nothing. An empty list replaces by nothing.
    package static func parse(
        _ text: Span<UInt8>, into peer: inout PeerUpdate, _ sources: some FieldSources
    ) throws(FieldError) {
        guard text.indices.contains(where: { ASCII.isSpace(text[$0]) }) else {
            return try parse(stripped: text, into: &peer, sources)
        }
        var stripped = ByteBuffer(capacity: text.count)
        for index in text.indices where !ASCII.isSpace(text[index]) { stripped.append(text[index]) }
        try parse(stripped: stripped.span, into: &peer, sources)
    }

    private static func parse(
        stripped list: Span<UInt8>, into peer: inout PeerUpdate, _ sources: some FieldSources
    ) throws(FieldError) {
        peer.replaceAllowedIPs = true
        guard !list.isEmpty else { return }
        var start = 0
        while start <= list.count {
            let end = list.firstIndex(of: ASCII.comma, from: start) ?? list.count
            try parse(entry: list.extracting(start..<end), into: &peer, sources)
            start = end + 1
        }
    }

    private static func parse(
        entry: Span<UInt8>, into peer: inout PeerUpdate, _ sources: some FieldSources
    ) throws(FieldError) {
        let sign = entry.isEmpty ? 0 : entry[0]
        let isSigned = sign == ASCII.plus || sign == ASCII.minus
        let prefix = isSigned ? entry.extracting(1...) : entry
        if isSigned { peer.replaceAllowedIPs = false }
        let allowedIP = try parse(prefix: prefix)
        if allowedIP.hasHostBits {
            sources.warn("AllowedIP has nonzero host part: \(ByteString(copying: prefix).excerpt)")
        }
        peer.allowedIPs.append(AllowedIPChange(allowedIP, removes: sign == ASCII.minus))
    }

    /// "ADDRESS" or "ADDRESS/LENGTH".
    package static func parse(prefix: Span<UInt8>) throws(FieldError) -> AllowedIP {
        let slash = prefix.firstIndex(of: ASCII.slash)
        let addressText = prefix.extracting(..<(slash ?? prefix.count))
        guard let address = IPAddress(text: addressText) else { throw .badAddress(ByteString(copying: addressText)) }
        guard let slash else { return AllowedIP(address, prefixLength: address.family.bits)! }
        guard let length: UInt8 = prefix.extracting((slash + 1)...).decimal(),
            let allowedIP = AllowedIP(address, prefixLength: length)
        else { throw .badAllowedIP(ByteString(copying: prefix)) }
        return allowedIP
    }
}
