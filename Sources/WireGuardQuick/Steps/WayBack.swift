internal import ByteText

extension Step {
    /// The step that undoes this one in the roll-back of `up`; nil if deleting the link undoes it, or nothing does.
    ///
    /// `reload` does not use it: only an earlier state tells what its steps replace. See ``InterfaceSnapshot``.
    var wayBack: Step? {
        switch self {
        case .addLink, .startDaemon: .deleteLink
        case .addAddress(let address): .removeAddress(address.onLink)
        case .restoreAddress(let address): .removeAddress(address)
        case .removeAddress(let address): .restoreAddress(address)
        case .addRoute(let route): .removeRoute(route)
        case .removeRoute(let route): .addRoute(route)
        case .addBarrier(let barrier): .removeBarrier(barrier)
        case .removeBarrier(let barrier): .addBarrier(barrier)
        case .addRule(let rule, let priority): .removeRule(rule, priority: priority)
        case .removeRule(let rule, let priority): .addRule(rule, priority: priority)
        case .setSysctl(let key, let value, let old): .setSysctl(key, to: old, from: value)
        case .raiseFirewall(let firewall): .lowerFirewall(firewall)
        case .setDNS(let resolver, _): .unsetDNS(resolver)
        case .deleteLink, .moveLink, .configure, .synchronize, .setMark, .setEndpoint, .bringUp, .bringDown, .setMTU,
            .lowerFirewall, .unsetDNS, .hook:
            nil
        }
    }

    /// The exit status of `wg`, `sysctl` and `ip` when the kernel refuses the step.
    var failureStatus: Int32 {
        switch self {
        case .configure, .synchronize, .setMark, .setEndpoint, .setSysctl: 1
        default: 2
        }
    }

    /// Goes with the link when that is deleted.
    var isPartOfLink: Bool {
        switch self {
        case .addAddress, .restoreAddress, .removeAddress, .addRoute, .removeRoute: true
        default: false
        }
    }

    /// Whether the link may have another index afterwards: a hook may recreate it.
    var mayChangeIndex: Bool {
        switch self {
        case .addLink, .startDaemon, .deleteLink, .moveLink, .hook: true
        default: false
        }
    }
}
