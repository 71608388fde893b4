package import ByteText
internal import WireGuardKeys

/// A value that is not what its field wants. The description is what `wg` says, for scripts that look at it.
package enum FieldError: Error, Equatable {
    /// An unknown or misplaced word of `wg set`, or one whose value is missing.
    case unexpectedWord(ByteString)
    case badPublicKey(ByteString)
    /// The text stays out of the message: it may be most of a secret.
    case badSecretKey
    case keyFileUnreadable(path: ByteString, reason: String)
    case keyFileTooShort(path: ByteString)
    /// The text after the key is not in the message: it may be part of a longer secret.
    case keyFileTrailingBytes(path: ByteString)
    case emptyPort
    case badPort(ByteString, reason: String)
    case badFwmark(ByteString)
    case badKeepalive(ByteString)
    case badAddress(ByteString)
    case badAllowedIP(ByteString)
    case emptyEndpoint
    case endpointWithoutBrace(ByteString)
    case endpointWithoutPort(ByteString)
    case unresolvedEndpoint(ByteString, reason: String)
    case badRetries(ByteString)
}

extension FieldError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unexpectedWord(let word): "Invalid argument: \(word.quotedUnlessKey)"
        case .badPublicKey(let text): "Key is not the correct length or format: \(text.quotedUnlessKey)"
        case .badSecretKey: "Key is not the correct length or format"
        case .keyFileUnreadable(let path, let reason): "Unable to read key file \(path.quotedUnlessKey): \(reason)"
        case .keyFileTooShort(let path): "Invalid length key in key file: \(path.quotedUnlessKey)"
        case .keyFileTrailingBytes(let path): "Found trailing character in key file: \(path.quotedUnlessKey)"
        case .emptyPort: "Unable to parse empty port"
        case .badPort(let text, let reason): "\(reason): \(text.quoted)"
        case .badFwmark(let text): "Fwmark is neither 0/off nor 0-0xffffffff: \(text.quoted)"
        case .badKeepalive(let text): "Persistent keepalive interval is neither 0/off nor 1-65535: \(text.quoted)"
        case .badAddress(let text): "Unable to parse IP address: \(text.quoted)"
        case .badAllowedIP(let text): "AllowedIP is not in the correct format: \(text.quoted)"
        case .emptyEndpoint: "Unable to parse empty endpoint"
        case .endpointWithoutBrace(let text): "Unable to find matching brace of endpoint: \(text.quoted)"
        case .endpointWithoutPort(let text): "Unable to find port of endpoint: \(text.quoted)"
        case .unresolvedEndpoint(let text, let reason): "\(reason): \(text.quoted)"
        case .badRetries(let text): "Unable to parse WG_ENDPOINT_RESOLUTION_RETRIES: \(text.quoted)"
        }
    }
}

extension ByteString {
    /// For messages: in quotes as `wg` writes them.
    package var quoted: String { "`" + excerpt + "'" }

    /// For messages: on one line whatever is in it, nothing that a terminal would obey, and not endless.
    package var excerpt: String {
        let longest = 200
        var text = ""
        for scalar in String(decoding: bytes.prefix(longest), as: UTF8.self).unicodeScalars {
            if scalar.value < 0x20 || 0x7f..<0xa0 ~= scalar.value {
                text += "\\x" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return bytes.count > longest ? text + "..." : text
    }

    /// The same for a word in whose place a secret key may stand by mistake, such as the path of a key file or a public
    /// key. Also hides a key with missing, doubled or wrong characters.
    package var quotedUnlessKey: String { looksLikeKey ? "(hidden)" : quoted }

    /// Whether it has about the length of a key in base64 (44), almost only base64 characters, and letters of both
    /// cases: fewer than one random key in 10^4 has less than five of either, and few paths have five capitals.
    private var looksLikeKey: Bool {
        if PublicKey(base64: span) != nil { return true }
        let foreign = bytes.count { !ASCII.isBase64($0) }
        return 36...52 ~= bytes.count && foreign <= 2 && bytes.count { 0x41...0x5a ~= $0 } >= 5
            && bytes.count { 0x61...0x7a ~= $0 } >= 5
    }

    /// The same for a line that may hold a secret under a misspelt name: what looks like a key is left out.
    package var quotedWithoutKeys: String {
        // Shorter than any key, longer than the words, addresses and host names of these files.
        let suspicious = 32
        let runs = bytes.split { $0 == ASCII.equals || !ASCII.isBase64($0) }
        guard runs.contains(where: { $0.count >= suspicious }) else { return quoted }
        let name = bytes.prefix { $0 != ASCII.equals }
        return name.count < suspicious ? ByteString(name + Array("=(hidden)".utf8)).quoted : "(hidden)"
    }
}
