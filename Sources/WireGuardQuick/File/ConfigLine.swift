internal import ByteText

/// A line of a configuration file: where it stands in the file's text, and what it is.
struct ConfigLine {
    enum Meaning: Equatable {
        case blank
        case comment
        /// wg-quick's keys are heeded only where the header is written plainly.
        case interfaceSection(isQuick: Bool)
        case peerSection
        /// wg-quick's own, which wg(8) never sees.
        case quick(QuickKey)
        case keyFile(KeyFileKey)
        case wg(WGKey)
        /// Nobody's.
        case unknown
    }

    /// Without its newline.
    let range: Range<Int>
    let meaning: Meaning
    /// Behind the equals sign and up to a comment, without white space around; the whole where nothing is equal.
    let value: Range<Int>
}

/// The keys of the interface that wg-quick keeps to itself.
enum QuickKey: CaseIterable {
    case address, dns, mtu, table, preUp, postUp, preDown, postDown, saveConfig

    /// In small letters, as files may have it in any.
    var name: StaticString {
        switch self {
        case .address: "address"
        case .dns: "dns"
        case .mtu: "mtu"
        case .table: "table"
        case .preUp: "preup"
        case .postUp: "postup"
        case .preDown: "predown"
        case .postDown: "postdown"
        case .saveConfig: "saveconfig"
        }
    }

    init?(_ text: Span<UInt8>) {
        for key in Self.allCases where text.equalsIgnoringCase(key.name) {
            self = key
            return
        }
        return nil
    }
}

/// Keys whose value is the path of a file with the secret key.
enum KeyFileKey {
    case privateKey, presharedKey

    /// What wg(8) calls the key itself.
    var inlineName: StaticString { self == .privateKey ? "PrivateKey" : "PresharedKey" }
}

/// The keys of wg(8).
enum WGKey: CaseIterable {
    case privateKey, listenPort, fwmark
    case publicKey, presharedKey, allowedIPs, endpoint, persistentKeepalive

    /// As wg(8) writes it.
    var name: StaticString {
        switch self {
        case .privateKey: "PrivateKey"
        case .listenPort: "ListenPort"
        case .fwmark: "FwMark"
        case .publicKey: "PublicKey"
        case .presharedKey: "PresharedKey"
        case .allowedIPs: "AllowedIPs"
        case .endpoint: "Endpoint"
        case .persistentKeepalive: "PersistentKeepalive"
        }
    }

    /// In small letters, as files may have it in any.
    private var smallName: StaticString {
        switch self {
        case .privateKey: "privatekey"
        case .listenPort: "listenport"
        case .fwmark: "fwmark"
        case .publicKey: "publickey"
        case .presharedKey: "presharedkey"
        case .allowedIPs: "allowedips"
        case .endpoint: "endpoint"
        case .persistentKeepalive: "persistentkeepalive"
        }
    }

    var isOfPeer: Bool {
        switch self {
        case .privateKey, .listenPort, .fwmark: false
        default: true
        }
    }

    init?(_ text: Span<UInt8>) {
        for key in Self.allCases where text.equalsIgnoringCase(key.smallName) {
            self = key
            return
        }
        return nil
    }
}
