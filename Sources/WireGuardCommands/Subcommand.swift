internal import ByteText

/// One of the commands of `wg`.
struct Subcommand: Sendable {
    let name: ByteString
    /// A line of the overview that `wg help` gives.
    let summary: String
    let run: @Sendable (_ arguments: [ByteString], _ context: inout Context) throws(CommandFailure) -> Void

    static let all = [
        Subcommand("show", "Shows the current configuration and device information", ShowCommands.show),
        Subcommand(
            "showconf", "Shows the current configuration of a given WireGuard interface, for use with `setconf'",
            ShowCommands.showConfig),
        Subcommand(
            "set", "Change the current configuration, add peers, remove peers, or change peers", SetCommand.run),
        Subcommand("setconf", "Applies a configuration file to a WireGuard interface", ConfigCommands.set),
        Subcommand("addconf", "Appends a configuration file to a WireGuard interface", ConfigCommands.add),
        Subcommand(
            "syncconf", "Synchronizes a configuration file to a WireGuard interface", ConfigCommands.synchronize),
        Subcommand(
            "genkey", "Generates a new private key and writes it to stdout", KeyCommands.generatePrivateKey),
        Subcommand(
            "genpsk", "Generates a new preshared key and writes it to stdout", KeyCommands.generatePresharedKey),
        Subcommand(
            "pubkey", "Reads a private key from stdin and writes a public key to stdout",
            KeyCommands.derivePublicKey),
    ]

    private init(
        _ name: ByteString, _ summary: String,
        _ run: @escaping @Sendable ([ByteString], inout Context) throws(CommandFailure) -> Void
    ) {
        (self.name, self.summary, self.run) = (name, summary, run)
    }
}
