internal import ByteText
internal import LinuxNetlink
internal import LinuxSystem
internal import WireGuardModel

extension Machine {
    /// Asks the kernel something. Its refusal becomes a failure that begins with `purpose`.
    mutating func ask<Answer>(
        _ purpose: String, _ question: (inout RouteConversation) throws(Errno) -> Answer
    ) throws(QuickFailure) -> Answer {
        do throws(Errno) {
            return try question(&network)
        } catch {
            throw QuickFailure("\(purpose): \(error)")
        }
    }

    /// The interface; nil while there is none.
    mutating func link() throws(QuickFailure) -> Link? {
        let name = name
        return try ask("ip link show dev \(name)") { (network) throws(Errno) in try network.link(named: name) }
    }

    /// The interface's addresses of a family; those of the file while there is no interface.
    mutating func addresses(_ family: IPAddress.Family, or settings: QuickSettings) throws(QuickFailure) -> [IPAddress]
    {
        let all: [IPAddress]
        if let link = try link() {
            all = try ask("ip address show dev \(name)") { (network) throws(Errno) in
                try network.addresses(of: link.index).map(\.address)
            }
        } else {
            all = settings.addresses.map(\.address)
        }
        return all.filter { $0.family == family }
    }

    /// What the interface has routes to in the main table; nothing while there is no interface.
    mutating func destinations() throws(QuickFailure) -> [AllowedIP] {
        guard let link = try link() else { return [] }
        return try ask("ip route show dev \(name)") { (network) throws(Errno) in
            try network.routes(.v4, device: link.index).map(\.destination)
                + network.routes(.v6, device: link.index).map(\.destination)
        }
    }

    /// The device as WireGuard reports it. Throws if it is missing, of another kind, or cannot be read.
    ///
    /// A daemon is reachable from every network namespace, even if the interface is in another.
    mutating func device() throws(QuickFailure) -> Device {
        if try link() == nil { throw QuickFailure("`\(name)' is not a WireGuard interface") }
        do throws(Errno) {
            return try backend.get(name)
        } catch {
            switch error {
            case .noDevice, .notSupported, .protocolNotSupported:
                throw QuickFailure("`\(name)' is not a WireGuard interface")
            default: throw QuickFailure("Unable to access interface `\(name)': \(error)")
            }
        }
    }

    mutating func hasRule(_ rule: PlannedRule) throws(QuickFailure) -> Bool {
        try rules(rule.family).contains { rule.isMet(by: $0) }
    }

    mutating func rules(_ family: IPAddress.Family) throws(QuickFailure) -> [Rule] {
        try ask("ip \(family.option) rule show") { (network) throws(Errno) in try network.rules(family) }
    }

    /// The resolver to configure: the machine's, or the resolv.conf of the interface's namespace. Nil, with a warning,
    /// for a namespace without one.
    func resolver() throws(QuickFailure) -> Resolver? {
        guard let namespace else { return try Resolver.find(context) }
        if let file = namespace.resolverFile { return .namespaceFile(file) }
        context.warn(
            "DNS is left out: only namespaces of ip-netns(8) have a resolv.conf of their own, not \(namespace)")
        return nil
    }

    /// Runs lines of the file's, `%i` filled in, up to one that fails.
    mutating func runHooks(_ hooks: [ByteString]) throws(QuickFailure) {
        for hook in hooks { try perform(.hook(hook.expanding(name))) }
    }
}
