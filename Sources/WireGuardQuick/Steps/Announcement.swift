internal import ByteText
internal import LinuxNetlink
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
        case .restoreAddress(let address):
            "ip \(address.address.family.option) address add \(address.words) dev \(name)"
        case .removeAddress(let address):
            "ip \(address.address.family.option) address delete \(address.words) dev \(name)"
        case .bringUp(let mtu): "ip link set mtu \(mtu) up dev \(name)"
        case .bringDown: "ip link set down dev \(name)"
        case .setMTU(let mtu): "ip link set mtu \(mtu) dev \(name)"
        case .addRoute(let route): "ip \(route.family.option) route add \(route.text(on: name))"
        case .removeRoute(let route): "ip \(route.family.option) route delete \(route.text(on: name))"
        case .addBarrier(let barrier): "ip \(barrier.destination.address.family.option) route add \(barrier.text)"
        case .removeBarrier(let barrier):
            "ip \(barrier.destination.address.family.option) route delete \(barrier.text)"
        case .addRule(let rule, let priority):
            "ip \(rule.family.option) rule add \(rule.text)" + (priority.map { " priority \($0)" } ?? "")
        case .removeRule(let rule, let priority):
            "ip \(rule.family.option) rule delete \(rule.shortText)" + (priority.map { " priority \($0)" } ?? "")
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

extension InterfaceAddress {
    /// The address in the syntax of `ip`.
    var words: String {
        guard let peer else { return "\(address.words)/\(prefixLength)" }
        return "\(address.words) peer \(peer.words)/\(prefixLength)"
    }
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
