internal import ByteText
internal import WireGuardModel

/// Addresses as requests to a daemon have them: stricter than what people may type.
extension AllowedIPChange {
    /// "ADDRESS/LENGTH", with a minus sign in front to take it away.
    init?(uapi text: Span<UInt8>) {
        let removes = !text.isEmpty && text[0] == ASCII.minus
        guard let allowedIP = AllowedIP(uapi: removes ? text.extracting(1...) : text) else { return nil }
        self.init(allowedIP, removes: removes)
    }
}

extension AllowedIP {
    fileprivate init?(uapi text: Span<UInt8>) {
        guard let slash = text.firstIndex(of: ASCII.slash),
            let address = IPAddress(text: text.extracting(..<slash))
        else { return nil }
        let digits = text.extracting((slash + 1)...)
        guard digits.count == 1 || 2...3 ~= digits.count && digits[0] != UInt8(ascii: "0"),
            let length: UInt8 = digits.decimal()
        else { return nil }
        self.init(address, prefixLength: length)
    }
}

extension Endpoint {
    /// "IPV4:PORT", "[IPV6]:PORT", or "[IPV6%SCOPE]:PORT" with the number or name of an interface of the
    /// network namespace that we are in.
    init?(uapi text: Span<UInt8>) {
        guard let colon = text.lastIndex(of: ASCII.colon),
            let port: UInt16 = text.extracting((colon + 1)...).decimal()
        else { return nil }
        let isV6 = colon >= 2 && text[0] == UInt8(ascii: "[") && text[colon - 1] == UInt8(ascii: "]")
        let host = isV6 ? text.extracting(1..<(colon - 1)) : text.extracting(..<colon)
        let percent = isV6 ? host.firstIndex(of: UInt8(ascii: "%")) : nil
        guard let address = IPAddress(text: host.extracting(..<(percent ?? host.count))),
            address.family == (isV6 ? .v6 : .v4)
        else { return nil }
        guard let percent else {
            self.init(address: address, port: port)
            return
        }
        guard let scope = Self.scope(host.extracting((percent + 1)...)) else { return nil }
        self.init(address: address, port: port, scope: scope)
    }

    private static func scope(_ text: Span<UInt8>) -> UInt32? {
        if let number: UInt32 = text.decimal() { return number }
        guard !text.isEmpty, text.count <= InterfaceName.longest, text.firstIndex(of: 0) == nil else { return nil }
        return InterfaceIndex.index(of: ByteString(copying: text))
    }
}
