internal import ByteText
internal import WireGuardKeys
internal import WireGuardModel
internal import WireGuardText

extension Step {
    /// The command that would do the same, as people read it behind `[#]`.
    func announcement(for name: InterfaceName) -> String {
        switch self {
        case .addLink: "ip link add dev \(name) type wireguard"
        case .startDaemon(let program): "\(program) \(name)"
        case .deleteLink: "ip link delete dev \(name)"
        case .moveLink(let namespace): "ip link set \(name) netns \(namespace)"
        case .configure: "wg addconf \(name) /dev/fd/63"
        case .synchronize: "wg syncconf \(name) /dev/fd/63"
        case .setMark(let mark): "wg set \(name) fwmark \(mark)"
        case .setEndpoint(let peer, let endpoint): "wg set \(name) peer \(peer.words) endpoint \(endpoint.words)"
        case .addAddress(let address): "ip \(address.address.family.option) address add \(address.text) dev \(name)"
        case .removeAddress(let address):
            "ip \(address.address.family.option) address delete \(address.text) dev \(name)"
        case .bringUp(let mtu): "ip link set mtu \(mtu) up dev \(name)"
        case .setMTU(let mtu): "ip link set mtu \(mtu) dev \(name)"
        case .addRoute(let route): "ip \(route.family.option) route add \(route.text(on: name))"
        case .removeRoute(let route): "ip \(route.family.option) route delete \(route.text(on: name))"
        case .addRule(let rule): "ip \(rule.family.option) rule add \(rule.text)"
        case .removeRule(let rule): "ip \(rule.family.option) rule delete \(rule.shortText)"
        case .setSysctl(let key, let value, _): "sysctl -q \(key)=\(value)"
        case .raiseFirewall(let firewall): firewall.raising.command
        case .lowerFirewall(let firewall): firewall.lowering.command
        case .setDNS(let resolver, let settings): resolver.settingCommand(settings, for: name)
        case .unsetDNS(let resolver): resolver.unsettingCommand(for: name)
        case .hook(let command): command.description
        }
    }
}

extension IPAddress.Family {
    /// As `ip` wants it.
    var option: String { self == .v4 ? "-4" : "-6" }
}

extension AllowedIP {
    var words: String { String { append(to: &$0) } }
}

extension IPAddress {
    var words: String { String { append(to: &$0) } }
}

extension Endpoint {
    var words: String { String { append(to: &$0) } }
}

extension PublicKey {
    var words: String { String { appendBase64(to: &$0) } }
}

extension String {
    fileprivate init(_ write: (inout ByteBuffer) -> Void) {
        var buffer = ByteBuffer()
        write(&buffer)
        self = ByteString(copying: buffer.span).description
    }
}
