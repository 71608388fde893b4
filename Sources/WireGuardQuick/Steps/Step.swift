internal import ByteText
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
    case removeAddress(ConfiguredAddress)
    /// Bytes.
    case bringUp(mtu: UInt32)
    case setMTU(UInt32)

    case addRoute(PlannedRoute)
    case removeRoute(PlannedRoute)
    case addRule(PlannedRule)
    case removeRule(PlannedRule)
    /// By its dotted name.
    case setSysctl(ByteString, to: ByteString, from: ByteString)
    case raiseFirewall(Firewall)
    case lowerFirewall(Firewall)

    case setDNS(Resolver, DNSSettings)
    case unsetDNS(Resolver)
    /// A line of the file's for bash, `%i` filled in.
    case hook(ByteString)
}
