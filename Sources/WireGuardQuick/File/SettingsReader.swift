internal import ByteText
internal import WireGuardModel
internal import WireGuardText

/// Reads wg-quick's own keys.
struct SettingsReader {
    /// Without the line, which its caller knows.
    struct Failure: Error { let reason: String }

    private(set) var settings = QuickSettings()

    /// Words are separated by commas, white space, or both.
    mutating func take(_ key: QuickKey, _ value: Span<UInt8>) throws(Failure) {
        switch key {
        case .address: for word in value.words { settings.addresses.append(try ConfiguredAddress(word)) }
        case .dns: for word in value.words { settings.dns.take(word) }
        case .mtu: settings.mtu = try Self.mtu(value)
        case .table: settings.table = Self.table(value)
        case .preUp: settings.preUp.append(ByteString(copying: value))
        case .postUp: settings.postUp.append(ByteString(copying: value))
        case .preDown: settings.preDown.append(ByteString(copying: value))
        case .postDown: settings.postDown.append(ByteString(copying: value))
        case .saveConfig: settings.savesConfig = try Self.truth(value)
        }
    }

    /// Nothing is as if the key were not there.
    private static func mtu(_ value: Span<UInt8>) throws(Failure) -> UInt32? {
        if value.isEmpty { return nil }
        let mtu: UInt32? = value.starts(with: "0x") ? value.extracting(2...).hexadecimal() : value.decimal()
        guard let mtu else { throw Failure(reason: "MTU is not a number: \(ByteString(copying: value).quoted)") }
        return mtu
    }

    /// `off` and `auto` in small letters only: a table may be called `Auto`.
    private static func table(_ value: Span<UInt8>) -> RoutingTableChoice {
        if value.isEmpty || value.equals("auto") { return .auto }
        return value.equals("off") ? .off : .named(ByteString(copying: value))
    }

    private static func truth(_ value: Span<UInt8>) throws(Failure) -> Bool {
        if value.equalsIgnoringCase("true") { return true }
        if value.equalsIgnoringCase("false") { return false }
        throw Failure(reason: "\(ByteString(copying: value).quoted) is neither true nor false")
    }
}

extension ConfiguredAddress {
    /// "ADDRESS", "ADDRESS/LENGTH", or "ADDRESS/NETMASK" of IPv4.
    init(_ text: ByteString) throws(SettingsReader.Failure) {
        let span = text.span
        let slash = span.firstIndex(of: ASCII.slash)
        guard let address = IPAddress(text: span.extracting(..<(slash ?? span.count))) else {
            throw SettingsReader.Failure(reason: "Address is not an IP address: \(text.quoted)")
        }
        var length: UInt8? = address.family.bits
        if let slash { length = Self.prefixLength(span.extracting((slash + 1)...), address.family) }
        guard let length else {
            throw SettingsReader.Failure(
                reason: "Address has no prefix length between 0 and \(address.family.bits): \(text.quoted)")
        }
        self.init(text: text, address: address, prefixLength: length)
    }

    private static func prefixLength(_ text: Span<UInt8>, _ family: IPAddress.Family) -> UInt8? {
        if let length: UInt8 = text.decimal() { return length <= family.bits ? length : nil }
        guard family == .v4, let mask = IPAddress(text: text), mask.family == .v4 else { return nil }
        let ones = (~UInt32(mask.low)).leadingZeroBitCount
        // No zero in front of a one.
        return UInt32(mask.low) == ~(UInt32.max >> UInt32(ones)) ? UInt8(ones) : nil
    }
}

extension DNSSettings {
    /// A server if it could be an address, else a domain to search in.
    fileprivate mutating func take(_ word: ByteString) {
        let isServer =
            word.bytes.contains(ASCII.colon)
            || word.bytes.allSatisfy { ASCII.isDigit($0) || $0 == UInt8(ascii: ".") }
        if isServer { servers.append(word) } else { searchDomains.append(word) }
    }
}

extension Span<UInt8> {
    /// What stands between commas and white space.
    var words: [ByteString] {
        var words: [ByteString] = []
        var start = 0
        for index in 0...count where index == count || self[index] == ASCII.comma || ASCII.isSpace(self[index]) {
            if start < index { words.append(ByteString(copying: extracting(start..<index))) }
            start = index + 1
        }
        return words
    }
}
