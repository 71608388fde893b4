internal import ByteText
internal import LinuxSystem
internal import WireGuardModel

/// The program that tells the machine which DNS servers a link brings.
enum Resolver: Equatable {
    /// resolvconf(8), Debian's or openresolv's. The prefix says of what kind the link is, where it wants to know.
    case resolvconf(prefix: ByteString)
    /// systemd-resolved, by resolvectl(1).
    case resolved
    /// The file at this path, which `ip netns exec` mounts for programs in a namespace. It needs no program.
    case namespaceFile(ByteString)

    /// The one that this machine has. Throws where it has none.
    static func find(_ context: QuickContext) throws(QuickFailure) -> Resolver {
        if let resolvconf = context.findProgram("resolvconf") {
            // systemd's resolvconf, a symbolic link, takes a plain link name and has no order of links.
            return .resolvconf(prefix: FileSystem.isSymbolicLink(resolvconf) ? "" : prefix())
        }
        if context.hasProgram("resolvectl") { return .resolved }
        throw QuickFailure(
            "DNS = ... needs resolvconf(8) or systemd-resolved's resolvectl(1): install one of them "
                + "(Debian: apt install openresolv), or leave the line out and set DNS servers in PostUp", status: 127)
    }

    /// Debian's resolvconf asks servers in the order of its links' names: the first that may have any ending
    /// becomes that of ours.
    private static func prefix() -> ByteString {
        guard let order = try? FileSystem.read("/etc/resolvconf/interface-order") else { return "" }
        for line in order.bytes.split(separator: ASCII.newline) where line.last == UInt8(ascii: "*") {
            let name = line.dropLast()
            if !name.isEmpty, name.allSatisfy(\.isOfLinkKind) { return ByteString(Array(name)) + "." }
        }
        return ""
    }

    func setting(_ settings: DNSSettings, for name: InterfaceName) -> Program? {
        switch self {
        case .namespaceFile: return nil
        case .resolvconf(let prefix):
            var program = Program("resolvconf", ["-a", prefix + name.text, "-m", "0", "-x"])
            program.input = .bytes(settings.resolvconfText)
            return program
        case .resolved:
            // Without the route-only domain `~.` the servers would be asked for the search domains only.
            let words = settings.searchDomains + ["~."]
            let script: ByteString = "resolvectl dns \"$1\" $2 && resolvectl domain \"$1\" $3"
            return Program(
                "sh", ["-c", script, "sh", name.text, .joined(settings.servers), .joined(words)])
        }
    }

    func unsetting(for name: InterfaceName) -> Program? {
        switch self {
        case .namespaceFile: nil
        case .resolvconf(let prefix): Program("resolvconf", ["-d", prefix + name.text, "-f"])
        case .resolved: Program("resolvectl", ["revert", name.text])
        }
    }

    func settingCommand(_ settings: DNSSettings, for name: InterfaceName) -> String {
        switch self {
        case .namespaceFile(let path): "cat >\(path)"
        case .resolvconf(let prefix): "resolvconf -a \(prefix)\(name) -m 0 -x"
        case .resolved:
            "resolvectl dns \(name) \(ByteString.joined(settings.servers)) "
                + "&& resolvectl domain \(name) \(ByteString.joined(settings.searchDomains + ["~."]))"
        }
    }

    func unsettingCommand(for name: InterfaceName) -> String {
        switch self {
        case .namespaceFile(let path): "mv \(path.folder).resolv.conf.before-\(name) \(path) || rm \(path)"
        case .resolvconf(let prefix): "resolvconf -d \(prefix)\(name) -f"
        case .resolved: "resolvectl revert \(name)"
        }
    }
}

extension DNSSettings {
    /// In resolv.conf's form.
    var resolvconfText: ByteString {
        var text = ByteBuffer()
        for server in servers {
            text.append("nameserver ")
            text.append(server.span)
            text.append(ASCII.newline)
        }
        if !searchDomains.isEmpty {
            text.append("search ")
            text.append(ByteString.joined(searchDomains).span)
            text.append(ASCII.newline)
        }
        return ByteString(copying: text.span)
    }
}

extension ByteString {
    /// With a space between words.
    fileprivate static func joined(_ words: [ByteString]) -> ByteString {
        ByteString(Array(words.map(\.bytes).joined(separator: [ASCII.space])))
    }
}

extension UInt8 {
    fileprivate var isOfLinkKind: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
