internal import LinuxNetlink
internal import LinuxSystem

/// Moves between the namespace in which this program was started, which carries the tunnel's own packets, and the
/// interface's.
extension Machine {
    /// Moves this program into the interface's namespace for good.
    mutating func enter(_ namespace: NamespaceName) throws(QuickFailure) {
        do throws(Errno) {
            try go(to: namespace.open())
        } catch {
            throw QuickFailure("namespace \(namespace): \(error)")
        }
        self.namespace = namespace
    }

    /// Runs `body` in the interface's namespace, and returns from there. Nil is the current namespace.
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

    /// Runs `body` in the namespace in which this program was started: it has the routes of the tunnel's own packets,
    /// and there host names are looked up.
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
