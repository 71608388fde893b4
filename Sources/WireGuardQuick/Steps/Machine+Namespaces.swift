internal import LinuxNetlink
internal import LinuxSystem

/// Ways between the namespace that this program was started in, where the tunnel's own packets go, and that of the
/// interface.
extension Machine {
    /// From here on this program is in the interface's namespace.
    mutating func enter(_ namespace: NamespaceName) throws(QuickFailure) {
        do throws(Errno) {
            try go(to: namespace.open())
        } catch {
            throw QuickFailure("namespace \(namespace): \(error)")
        }
        self.namespace = namespace
    }

    /// Does something where the interface lives, and returns from there. Nil is where this program is already.
    mutating func visit<Result>(
        _ namespace: NamespaceName?, _ body: (inout Machine) throws(QuickFailure) -> Result
    ) throws(QuickFailure) -> Result {
        guard let namespace else { return try body(&self) }
        try enter(namespace)
        let result = Swift.Result { () throws(QuickFailure) in try body(&self) }
        try goHome()
        self.namespace = nil
        return try result.get()
    }

    /// Does something in the namespace that this program was started in: there are the ways of the tunnel's own packets,
    /// and there their names are looked up.
    mutating func atHome<Result>(
        _ body: (inout Machine) throws(QuickFailure) -> Result
    ) throws(QuickFailure) -> Result {
        guard let namespace, !isDry else { return try body(&self) }
        try goHome()
        let result = Swift.Result { () throws(QuickFailure) in try body(&self) }
        try enter(namespace)
        return try result.get()
    }

    mutating func go(to target: borrowing NetworkNamespace) throws(Errno) {
        if home == nil { home = try NetworkNamespace.current() }
        try target.enter()
        try meetNetwork()
    }

    private mutating func goHome() throws(QuickFailure) {
        do throws(Errno) {
            try home?.enter()
            try meetNetwork()
        } catch {
            throw QuickFailure("Unable to return to our namespace: \(error)")
        }
    }

    private mutating func meetNetwork() throws(Errno) {
        network = try RouteConversation()
        knownIndex = nil
    }
}
