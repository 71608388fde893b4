internal import ByteText

/// `wg-quick strip`: the file without wg-quick's own keys, for wg(8).
enum StripCommand {
    static func run(_ options: QuickOptions, _ context: QuickContext) throws(QuickFailure) {
        let file = try QuickFile(toStrip: context.configurationName(options))
        var output = ByteBuffer()
        try file.strip(context.sources, into: &output)
        guard context.write(output.span) else { throw QuickFailure("Unable to write output") }
    }
}
