internal import WireGuardModel

/// The MTU of a link after a `reload`. An MTU that a hook set stays, unless the file's has changed since, or it is too
/// small for the file's IPv6 addresses.
struct MTUChoice {
    let bytes: UInt32

    /// The kernel disables IPv6 on a link with a smaller MTU.
    private static let leastOfIPv6: UInt32 = 1280

    /// `suitable` is the file's, or what the routes to the endpoints allow; `applied` what `up` or `reload` set last:
    /// two values if one of them was killed, none if it is not known.
    init(_ settings: QuickSettings, suitable: UInt32, now: UInt32, applied: [UInt32]) {
        let wantsIPv6 = settings.addresses.contains { $0.address.family == .v6 }
        let isTooSmall = wantsIPv6 && now < Self.leastOfIPv6 && suitable >= Self.leastOfIPv6
        let isSetByHook = applied.isEmpty ? settings.mtu == nil : !applied.contains(now)
        let hasChanged = settings.mtu != nil && applied.contains { $0 != suitable }
        bytes = isTooSmall || !isSetByHook || hasChanged ? suitable : now
    }

    func allows(_ family: IPAddress.Family) -> Bool { family == .v4 || bytes >= Self.leastOfIPv6 }

    /// Throws if the MTU rules out the file's IPv6 routes: the kernel would remove all IPv6 addresses and routes.
    func check(_ settings: QuickSettings, _ plan: ReloadPlan) throws(QuickFailure) {
        if allows(.v6) { return }
        let families = plan.families + plan.wantedRoutes.map(\.family)
        if families.contains(.v6) {
            throw QuickFailure("MTU = \(bytes) is too small for the file's IPv6 routes, which want 1280 and more")
        }
    }
}
