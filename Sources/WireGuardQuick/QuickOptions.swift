internal import ByteText
internal import WireGuardText

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

    /// Nil if there are too many or too few targets. Throws at an option that the command does not have. Only targets
    /// follow `--`, so that an interface whose name begins with `-` can be named, too.
    init?(_ arguments: [ByteString], of command: QuickSubcommand) throws(QuickFailure) {
        var rest = arguments[...]
        var targets: [ByteString] = []
        while let argument = rest.popFirst() {
            if argument == "--" {
                targets += rest
                break
            }
            if argument.bytes.first == ASCII.minus {
                try take(option: argument, &rest, of: command)
            } else {
                targets.append(argument)
            }
        }
        guard targets.count == 1 || (targets.isEmpty && command.options.contains(.noTarget)) else { return nil }
        target = targets.first
    }

    private mutating func take(
        option: ByteString, _ rest: inout ArraySlice<ByteString>, of command: QuickSubcommand
    ) throws(QuickFailure) {
        let allowed = command.options
        let namespaceOption: ByteString = "--netns="
        if option == "--dry-run", allowed.contains(.dryRun) {
            isDry = true
        } else if option == "--tolerant", allowed.contains(.tolerant) {
            isTolerant = true
        } else if option == "--netns", allowed.contains(.namespace) {
            try setNamespace(rest.popFirst() ?? "")
        } else if option.bytes.starts(with: namespaceOption.bytes), allowed.contains(.namespace) {
            try setNamespace(ByteString(Array(option.bytes.dropFirst(namespaceOption.count))))
        } else {
            let options = command.arguments.isEmpty ? "" : ": it takes \(command.arguments)"
            throw QuickFailure("`\(command.name)' has no option \(option.quoted)\(options)")
        }
    }

    private mutating func setNamespace(_ name: ByteString) throws(QuickFailure) {
        if name.isEmpty { throw QuickFailure("--netns needs the name of a network namespace") }
        namespace = NamespaceName(name)
    }
}
