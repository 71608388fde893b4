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

    /// The interface as WireGuard has it. Throws where it is none, or not there.
    func device() throws(QuickFailure) -> Device {
        do throws(Errno) {
            return try backend.get(name)
        } catch {
            throw QuickFailure("`\(name)' is not a WireGuard interface")
        }
    }

    mutating func hasRule(_ rule: PlannedRule) throws(QuickFailure) -> Bool {
        try rules(rule.family).contains { rule.isMet(by: $0) }
    }

    mutating func rules(_ family: IPAddress.Family) throws(QuickFailure) -> [Rule] {
        try ask("ip \(family.option) rule show") { (network) throws(Errno) in try network.rules(family) }
    }

    /// From here on this program is in the interface's namespace.
    mutating func enter(_ namespace: NamespaceName) throws(QuickFailure) {
        do throws(Errno) {
            try enter(namespace.open())
        } catch {
            throw QuickFailure("namespace \(namespace): \(error)")
        }
    }

    /// Does something where the interface lives, and returns from there.
    mutating func visit<Result>(
        _ namespace: NamespaceName?, _ body: (inout Machine) throws(QuickFailure) -> Result
    ) throws(QuickFailure) -> Result {
        guard let namespace else { return try body(&self) }
        guard let here = try? NetworkNamespace.current() else { throw QuickFailure("Unable to find our namespace") }
        try enter(namespace)
        let result: Result
        do throws(QuickFailure) {
            result = try body(&self)
        } catch {
            try? enter(here)
            throw error
        }
        do throws(Errno) {
            try enter(here)
        } catch {
            throw QuickFailure("Unable to return to our namespace: \(error)")
        }
        return result
    }

    private mutating func enter(_ namespace: borrowing NetworkNamespace) throws(Errno) {
        try namespace.enter()
        network = try RouteConversation()
        knownIndex = nil
    }

    /// Runs lines of the file's, `%i` filled in, up to one that fails.
    mutating func runHooks(_ hooks: [ByteString]) throws(QuickFailure) {
        for hook in hooks { try perform(.hook(hook.expanding(name))) }
    }
}
