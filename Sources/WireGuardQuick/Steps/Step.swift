internal import ByteText
internal import LinuxNetlink
internal import WireGuardKeys
internal import WireGuardModel

/// One change of the machine, as it is announced, carried out and taken back.
enum Step {
    /// A link of the kernel's WireGuard.
    case addLink
    /// The program that makes a link where the kernel has no WireGuard.
    case startDaemon(ByteString)
    case deleteLink
    case moveLink(into: NamespaceName)

    case configure(DeviceUpdate)
    case synchronize(DeviceUpdate)
    case setMark(UInt32)
    case setEndpoint(of: PublicKey, to: Endpoint)

    case addAddress(ConfiguredAddress)
    /// Adds an address that existed before, with all its attributes.
    case restoreAddress(InterfaceAddress)
    case removeAddress(InterfaceAddress)
    /// Bytes.
    case bringUp(mtu: UInt32)
    case bringDown
    case setMTU(UInt32)

    case addRoute(PlannedRoute)
    case removeRoute(PlannedRoute)
    case addBarrier(Barrier)
    case removeBarrier(Barrier)
    /// Adds a rule. Without a priority the kernel chooses one before all other rules.
    case addRule(PlannedRule, priority: UInt32? = nil)
    /// Removes a rule; without a priority the first equal one.
    case removeRule(PlannedRule, priority: UInt32? = nil)
    /// By its dotted name.
    case setSysctl(ByteString, to: ByteString, from: ByteString)
    case raiseFirewall(Firewall)
    case lowerFirewall(Firewall)

    case setDNS(Resolver, DNSSettings)
    case unsetDNS(Resolver)
    /// A line of the file's for bash, `%i` filled in.
    case hook(ByteString)
}
