internal import ByteText

extension Step {
    /// The step that takes this one back; nil where nothing is left to take back.
    var wayBack: Step? {
        switch self {
        case .addLink, .startDaemon: .deleteLink
        case .addAddress(let address): .removeAddress(address)
        case .removeAddress(let address): .addAddress(address)
        case .addRoute(let route): .removeRoute(route)
        case .removeRoute(let route): .addRoute(route)
        case .addRule(let rule): .removeRule(rule)
        case .removeRule(let rule): .addRule(rule)
        case .setSysctl(let key, let value, let old): .setSysctl(key, to: old, from: value)
        case .raiseFirewall(let firewall): .lowerFirewall(firewall)
        case .setDNS(let resolver, _): .unsetDNS(resolver)
        case .deleteLink, .moveLink, .configure, .synchronize, .setMark, .setEndpoint, .bringUp, .setMTU,
            .lowerFirewall, .unsetDNS, .hook:
            nil
        }
    }

    /// What `wg` and `ip` end with when the kernel refuses them.
    var failureStatus: Int32 {
        switch self {
        case .configure, .synchronize, .setMark, .setEndpoint: 1
        default: 2
        }
    }

    /// Goes with the link when that is deleted.
    var isPartOfLink: Bool {
        switch self {
        case .addAddress, .removeAddress, .addRoute, .removeRoute: true
        default: false
        }
    }
}
