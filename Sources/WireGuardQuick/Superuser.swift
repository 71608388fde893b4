internal import ByteText
internal import LinuxSystem

/// Root privileges, by sudo(8) if necessary. Every command needs root, `strip` too: the file belongs to root, and `wg
/// syncconf wg0 <(wg-quick strip wg0)` would take an empty output for an empty configuration.
enum Superuser {
    /// Returns where they are there already; else sudo takes this program's place, and runs it again.
    static func become(_ arguments: [ByteString], _ context: QuickContext) throws(QuickFailure) {
        if Credentials.isRoot { return }
        let prompt: ByteString = "wg-quick must be run as root. Please enter the password for %u to continue: "
        let command = ["sudo", "-p", prompt, "--", context.programPath] + arguments
        let failure = Replacement.become(command)
        throw QuickFailure("wg-quick must be run as root, and sudo cannot be run: \(failure)", status: 127)
    }
}
