internal import ByteText

/// One of the commands of `wg-quick`.
struct QuickSubcommand: Sendable {
    let name: ByteString
    /// The options that may stand behind its name, for people.
    let arguments: String
    let summary: String
    let options: QuickOptions.Allowed
    /// Whether signals are noted instead of stopping it half-way; see ``EndRequest``.
    var notesSignals = false
    let run: @Sendable (_ options: QuickOptions, _ context: QuickContext) throws(QuickFailure) -> Void

    static let all = [
        QuickSubcommand(
            name: "up", arguments: "[--dry-run] [--tolerant] [--netns NAMESPACE]",
            summary: "Makes the interface, with addresses, routes, rules and DNS",
            options: [.dryRun, .tolerant, .namespace], notesSignals: true, run: UpCommand.run),
        QuickSubcommand(
            name: "down", arguments: "[--dry-run]", summary: "Takes back what `up' did", options: .dryRun,
            notesSignals: true, run: DownCommand.run),
        QuickSubcommand(
            name: "reload", arguments: "[--dry-run] [--tolerant]",
            summary: "Brings an interface that is up to what its file says now", options: [.dryRun, .tolerant],
            notesSignals: true, run: ReloadCommand.run),
        QuickSubcommand(
            name: "reresolve", arguments: "[--dry-run]",
            summary: "Follows silent peers whose address behind a name has changed; of all interfaces if none is named",
            options: [.dryRun, .noTarget], run: ReresolveCommand.run),
        QuickSubcommand(
            name: "save", arguments: "", summary: "Brings the file to what the interface is now", options: [],
            run: SaveCommand.run),
        QuickSubcommand(
            name: "strip", arguments: "", summary: "Prints the file without wg-quick's own keys, for wg(8)",
            options: [], run: StripCommand.run),
    ]
}
