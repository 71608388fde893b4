package import ByteText
internal import Glibc
package import WireGuardModel

extension IPAddress {
    /// What inet_pton reads: four decimal numbers without leading zeros, or IPv6 where there is a colon.
    package init?(text: Span<UInt8>) {
        if text.firstIndex(of: ASCII.colon) == nil {
            self.init(v4Text: text)
        } else {
            self.init(v6Text: text)
        }
    }

    private init?(v4Text text: Span<UInt8>) {
        var number: UInt32 = 0
        var octet: UInt32 = 0
        var digits = 0
        var octets = 1
        for index in text.indices {
            let byte = text[index]
            if ASCII.isDigit(byte) {
                guard digits == 0 || octet != 0 else { return nil }
                octet = octet * 10 + UInt32(byte &- 0x30)
                digits += 1
                guard octet <= 255 else { return nil }
            } else {
                guard byte == UInt8(ascii: "."), digits > 0, octets < 4 else { return nil }
                number = number << 8 | octet
                (octet, digits, octets) = (0, 0, octets + 1)
            }
        }
        guard octets == 4, digits > 0 else { return nil }
        self.init(v4: number << 8 | octet)
    }

    private init?(v6Text text: Span<UInt8>) {
        // The longest that inet_pton can read, and its NUL.
        var characters = InlineArray<46, CChar>(repeating: 0)
        guard text.count < 46 else { return nil }
        for index in text.indices { characters[index] = CChar(bitPattern: text[index]) }
        var raw = in6_addr()
        let read = characters.span.withUnsafeBufferPointer { inet_pton(AF_INET6, $0.baseAddress!, &raw) }
        // An inner NUL would end the text early for inet_pton.
        guard read == 1, text.firstIndex(of: 0) == nil else { return nil }
        self = withUnsafeBytes(of: &raw) { IPAddress(bytes: Span(_unsafeBytes: $0))! }
    }

    package func append(to text: inout ByteBuffer) {
        switch family {
        case .v4:
            for shift: UInt64 in [24, 16, 8, 0] {
                text.append(decimal: low >> shift & 0xff)
                if shift > 0 { text.append(UInt8(ascii: ".")) }
            }
        case .v6: appendGroups(to: &text)
        }
    }

    /// As inet_ntop writes it, several times faster: the first longest run of zero groups is left out,
    /// and what embeds an IPv4 address ends with it.
    private func appendGroups(to text: inout ByteBuffer) {
        let run = longestZeroRun
        let embedsV4 = run == 0..<6 || (run == 0..<5 && group(5) == 0xffff)
        var index = 0
        while index < 8 {
            if index == run.lowerBound, !run.isEmpty {
                text.append(index == 0 ? "::" : ":")
                index = run.upperBound
            } else if index == 6, embedsV4 {
                return IPAddress(v4: UInt32(truncatingIfNeeded: low)).append(to: &text)
            } else {
                text.append(hexadecimal: UInt32(group(index)))
                if index < 7 { text.append(ASCII.colon) }
                index += 1
            }
        }
    }

    /// The 16 bits at a place from 0, the uppermost, to 7.
    private func group(_ index: Int) -> UInt16 {
        let half = index < 4 ? high : low
        return UInt16(truncatingIfNeeded: half >> UInt64((3 - index & 3) * 16))
    }

    /// Empty where no two zero groups stand together.
    private var longestZeroRun: Range<Int> {
        var longest = 0..<1
        var start = 0
        for index in 0..<8 {
            if group(index) != 0 {
                start = index + 1
            } else if index + 1 - start > longest.count {
                longest = start..<(index + 1)
            }
        }
        return longest.count > 1 ? longest : 0..<0
    }
}

extension AllowedIP {
    package func append(to text: inout ByteBuffer) {
        address.append(to: &text)
        text.append(ASCII.slash)
        text.append(decimal: prefixLength)
    }
}

extension Endpoint {
    /// "ADDRESS:PORT" or "[ADDRESS]:PORT" in plain numbers; nil for anything that a resolver must look at.
    package init?(numeric text: Span<UInt8>) {
        guard let colon = text.lastIndex(of: ASCII.colon),
            let port: UInt16 = text.extracting((colon + 1)...).decimal()
        else { return nil }
        let bracketed = colon >= 2 && text[0] == UInt8(ascii: "[") && text[colon - 1] == UInt8(ascii: "]")
        let host = bracketed ? text.extracting(1..<(colon - 1)) : text.extracting(..<colon)
        guard let address = IPAddress(text: host) else { return nil }
        self.init(address: address, port: port)
    }

    package func append(to text: inout ByteBuffer) {
        if address.family == .v6 { text.append(UInt8(ascii: "[")) }
        address.append(to: &text)
        if scope != 0 { appendScope(to: &text) }
        if address.family == .v6 { text.append(UInt8(ascii: "]")) }
        text.append(ASCII.colon)
        text.append(decimal: port)
    }

    /// As getnameinfo does: a link-local address names its interface if there is one of that index.
    private func appendScope(to text: inout ByteBuffer) {
        text.append(UInt8(ascii: "%"))
        let isLinkLocal = high >> 54 == 0xfe80 >> 6 || high >> 48 & 0xff0f == 0xff02
        if isLinkLocal, let name = InterfaceIndex.name(of: scope) {
            text.append(name.span)
        } else {
            text.append(decimal: scope)
        }
    }

    private var high: UInt64 { address.high }
}
