package import ByteText
internal import LinuxSystem

/// The program `wg` as a function.
package enum WireGuardTool {
    /// Our own version, and that of the program whose behaviour ours is.
    package static let version = "wireguard-tools v1.0.20260223 (wireguard-swift v0.1.0)"

    /// Runs the command that the arguments, without the program's name, ask for, and writes out what it says.
    package static func run(_ arguments: [ByteString], _ context: inout Context) throws(CommandFailure) {
        do throws(CommandFailure) {
            try dispatch(arguments, &context)
        } catch {
            // What was said before the failure stays said.
            _ = context.output.finish()
            throw error
        }
        if let failure = context.output.finish() { throw CommandFailure("Unable to write output: \(failure)") }
    }

    private static func dispatch(_ arguments: [ByteString], _ context: inout Context) throws(CommandFailure) {
        let word = arguments.first ?? "show"
        if arguments.count == 1 {
            switch word {
            case "-h", "--help", "help": return context.output.buffer.append(string: help(context) + "\n")
            case "-v", "--version", "version": return context.output.buffer.append(string: version + "\n")
            default: break
            }
        }
        guard let command = Subcommand.all.first(where: { $0.name == word }) else {
            throw CommandFailure("Invalid subcommand: \(word.quoted)\n\(help(context))")
        }
        try command.run(Array(arguments.dropFirst()), &context)
    }

    private static func help(_ context: borrowing Context) -> String {
        var text = "Usage: \(context.program.description) <cmd> [<args>]\n\nAvailable subcommands:\n"
        for command in Subcommand.all { text += "  \(command.name.description): \(command.summary)\n" }
        return text + "You may pass `--help' to any of these subcommands to view usage."
    }
}
