internal import WireGuardModel

/// The MTU that a link shall have after a `reload`. One that a hook set stays, unless the file's has changed since or
/// leaves no room for the file's IPv6.
struct MTUChoice {
    let bytes: UInt32

    /// The kernel has no IPv6 on a link whose MTU is less.
    private static let leastOfIPv6: UInt32 = 1280

    /// `suitable` is the file's, or what the ways to the endpoints allow; `applied` what `up` or `reload` set last, two
    /// where one of them was killed, and none where that is not known.
    init(_ settings: QuickSettings, suitable: UInt32, now: UInt32, applied: [UInt32]) {
        let wantsIPv6 = settings.addresses.contains { $0.address.family == .v6 }
        let isTooSmall = wantsIPv6 && now < Self.leastOfIPv6 && suitable >= Self.leastOfIPv6
        let isSetByHook = applied.isEmpty ? settings.mtu == nil : !applied.contains(now)
        let hasChanged = settings.mtu != nil && applied.contains { $0 != suitable }
        bytes = isTooSmall || !isSetByHook || hasChanged ? suitable : now
    }

    func allows(_ family: IPAddress.Family) -> Bool { family == .v4 || bytes >= Self.leastOfIPv6 }

    /// Throws where the file's routes cannot be with this MTU: the kernel would drop what is there of IPv6.
    func check(_ settings: QuickSettings, _ plan: ReloadPlan) throws(QuickFailure) {
        if allows(.v6) { return }
        let families = plan.families + plan.wantedRoutes.map(\.family)
        if families.contains(.v6) {
            throw QuickFailure("MTU = \(bytes) is too small for the file's IPv6 routes, which want 1280 and more")
        }
    }
}
