internal import ByteText

/// What stands behind a command's name.
struct QuickOptions {
    /// A name of an interface, or the path of a file; nil where the command does without.
    private(set) var target: ByteString?
    /// Says what would be done, and does nothing.
    private(set) var isDry = false
    /// Endpoints that cannot be resolved are left out.
    private(set) var isTolerant = false
    /// Where the interface shall live; nil for the namespace that we are in.
    private(set) var namespace: NamespaceName?

    /// Which options a command has.
    struct Allowed: OptionSet, Sendable {
        let rawValue: UInt8

        static let dryRun = Allowed(rawValue: 1)
        static let tolerant = Allowed(rawValue: 2)
        static let namespace = Allowed(rawValue: 4)
        /// The command can do without a target.
        static let noTarget = Allowed(rawValue: 8)
    }

    /// Nil where the arguments are none that the command has.
    init?(_ arguments: [ByteString], allowing allowed: Allowed) {
        var rest = arguments[...]
        var targets: [ByteString] = []
        while let argument = rest.popFirst() {
            switch argument {
            case "--dry-run" where allowed.contains(.dryRun): isDry = true
            case "--tolerant" where allowed.contains(.tolerant): isTolerant = true
            case "--netns" where allowed.contains(.namespace):
                guard let name = rest.popFirst() else { return nil }
                namespace = NamespaceName(name)
            default: targets.append(argument)
            }
        }
        guard targets.count == 1 || (targets.isEmpty && allowed.contains(.noTarget)) else { return nil }
        target = targets.first
    }
}
