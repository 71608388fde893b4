package import ByteText
package import LinuxSystem

/// The program `wg-quick` as a function.
package enum QuickTool {
    /// Runs the command in the arguments, which lack the program's name. Returns how the program has to end.
    package static func run(_ arguments: [ByteString], _ context: QuickContext) -> ProgramEnding {
        var context = context
        context.arguments = arguments
        do throws(QuickFailure) {
            try dispatch(arguments, context)
            return .exited(0)
        } catch {
            if !error.description.isEmpty { context.tell("\(context.program): \(error)") }
            if let signal = error.signal ?? EndRequest.signal { return .killed(signal: signal) }
            return .exited(UInt8(truncatingIfNeeded: error.status))
        }
    }

    private static func dispatch(_ arguments: [ByteString], _ context: QuickContext) throws(QuickFailure) {
        // On standard error, as ever: standard output is for what `strip` says.
        if arguments.count == 1, ["help", "-h", "--help"].contains(arguments[0]) {
            return context.tell(usage(context))
        }
        guard let word = arguments.first, let command = QuickSubcommand.all.first(where: { $0.name == word }),
            let options = try QuickOptions(Array(arguments.dropFirst()), of: command)
        else {
            context.tell(usage(context))
            throw QuickFailure("")
        }
        try Superuser.become(arguments, context)
        if command.notesSignals { try noteSignals() }
        try command.run(options, context)
    }

    private static func noteSignals() throws(QuickFailure) {
        do throws(Errno) {
            try EndRequest.note()
        } catch {
            throw QuickFailure("Unable to take note of signals: \(error)")
        }
    }

    private static func usage(_ context: QuickContext) -> String {
        var text = "Usage: \(context.program) COMMAND [OPTION]... CONFIG_FILE | INTERFACE\n\n"
        for command in QuickSubcommand.all {
            let words = [command.name.description, command.arguments].filter { !$0.isEmpty }
            text += "  \(words.joined(separator: " "))\n      \(command.summary)\n"
        }
        return text + usageOfFiles
    }

    private static let usageOfFiles = """

        CONFIG_FILE is a file whose name is the interface's, followed by `.conf'. INTERFACE is an interface's name, whose
        file is /etc/wireguard/INTERFACE.conf. Files are those of wg(8), with these keys more in [Interface]: Address,
        DNS, MTU, Table, PreUp, PostUp, PreDown, PostDown, SaveConfig, PrivateKeyFile; and in [Peer]: PresharedKeyFile.
        See wg-quick(8).
        """
}
