internal import ByteText
internal import LinuxSystem
internal import WireGuardControl
internal import WireGuardKeys

/// genkey, genpsk and pubkey: they touch no interface.
enum KeyCommands {
    static func generatePrivateKey(_ arguments: [ByteString], _ context: inout Context) throws(CommandFailure) {
        guard arguments.isEmpty else { throw context.usage("genkey") }
        write(PrivateKey.generate(), &context)
    }

    static func generatePresharedKey(_ arguments: [ByteString], _ context: inout Context) throws(CommandFailure) {
        guard arguments.isEmpty else { throw context.usage("genpsk") }
        write(PresharedKey.generate(), &context)
    }

    private static func write(_ key: some SecretKey, _ context: inout Context) {
        if FileKind.isWorldAccessibleFile(StandardStream.output) {
            context.warn("Warning: writing to world accessible file.")
            context.warn("Consider setting the umask to 077 and trying again.")
        }
        key.appendBase64(to: &context.output.buffer)
        context.output.buffer.append("\n")
    }

    static func derivePublicKey(_ arguments: [ByteString], _ context: inout Context) throws(CommandFailure) {
        guard arguments.isEmpty else { throw context.usage("pubkey") }
        var text = ByteBuffer(capacity: 256)
        while text.count < KeyFile.keyLength, readMore(into: &text) {}
        let badKey = CommandFailure("\(context.program): Key is not the correct length or format")
        guard text.count >= KeyFile.keyLength else { throw badKey }
        let key = PrivateKey(base64: text.span.extracting(..<KeyFile.keyLength))
        text.removeFirst(KeyFile.keyLength)
        repeat {
            guard isPadding(text.span) else {
                throw CommandFailure("\(context.program): Trailing characters found after key")
            }
            text.removeAll()
            // Behind a bad key nothing can turn up that helps, and /dev/zero would never end.
        } while key != nil && readMore(into: &text)
        guard let key else { throw badKey }
        key.publicKey.appendBase64(to: &context.output.buffer)
        context.output.buffer.append("\n")
    }

    private static func readMore(into text: inout ByteBuffer) -> Bool {
        let before = text.count
        try? FileDescriptor.read(StandardStream.input, into: &text, room: 256)
        return text.count > before
    }

    /// White space, and NULs as some programs pad with.
    private static func isPadding(_ rest: Span<UInt8>) -> Bool {
        rest.indices.allSatisfy { ASCII.isSpace(rest[$0]) || rest[$0] == 0 }
    }
}
