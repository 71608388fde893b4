internal import ByteText
internal import WireGuardModel

/// Which routes come and go when a file has changed.
///
/// Old ones are those that the interface's allowed-ips ask for before it is changed: other routes, of hooks say, are
/// none of ours.
struct ReloadPlan {
    /// What is known to have been applied before.
    let applied: AppliedSettings?
    private(set) var staleRoutes: [PlannedRoute] = []
    let wantedRoutes: [PlannedRoute]

    /// Families whose default route goes, stays, or comes.
    let fallingFamilies: [IPAddress.Family]
    let stayingFamilies: [IPAddress.Family]
    let risingFamilies: [IPAddress.Family]
    /// Of the default routes that come; nil where one is still to be chosen.
    let mark: UInt32?
    /// Whether the mark goes with the last default route.
    let dropsMark: Bool
    /// The mark that the file asks for, where it may be set just so; nil leaves what there is.
    let fileMark: UInt32?

    init(
        _ device: Device, _ update: DeviceUpdate, _ settings: QuickSettings, _ applied: AppliedSettings?,
        plainDefaults: Bool, _ machine: inout Machine
    ) throws(QuickFailure) {
        self.applied = applied
        let plan = try RoutePlan(update.allowedIPs, settings.table, plainDefaults: plainDefaults)
        wantedRoutes = plan.routes
        let before = device.peers.flatMap(\.allowedIPs)
        // A table whose name is forgotten has no routes that could be found.
        let old = try? RoutePlan(before, applied?.table ?? settings.table, plainDefaults: plainDefaults)
        staleRoutes = old?.routes.filter { !plan.routes.contains($0) } ?? []

        let present = try machine.defaultRouteFamilies(device)
        let asked = update.fwmark ?? 0
        let isMarkChanging = asked != 0 && asked != device.fwmark
        fallingFamilies = present.filter { isMarkChanging || !plan.defaultFamilies.contains($0) }
        stayingFamilies = present.filter { !isMarkChanging && plan.defaultFamilies.contains($0) }
        risingFamilies = plan.defaultFamilies.filter { isMarkChanging || !present.contains($0) }
        mark = asked != 0 ? asked : present.isEmpty ? nil : device.fwmark
        dropsMark = asked == 0 && !present.isEmpty && plan.defaultFamilies.isEmpty
        // Without one in the file, the mark of default routes is wg-quick's.
        fileMark = asked == 0 && !present.isEmpty ? nil : update.fwmark
    }
}

extension Machine {
    /// Families whose packets go into the tunnel by the mark's rule.
    fileprivate mutating func defaultRouteFamilies(_ device: Device) throws(QuickFailure) -> [IPAddress.Family] {
        if device.fwmark == 0 { return [] }
        var families: [IPAddress.Family] = []
        for family in [IPAddress.Family.v6, .v4] where try hasRule(.unmarked(device.fwmark, family)) {
            families.append(family)
        }
        return families
    }
}
