import ByteText
import Glibc
import LinuxSystem
import WireGuardCommands

StandardStream.occupyClosed()

/// Writes a line to standard error in one piece, so that lines of several programs do not mix.
@Sendable func complain(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

func runTool() -> CInt {
    let arguments = (0..<Int(CommandLine.argc)).map { ByteString(cString: CommandLine.unsafeArgv[$0]!) }
    var context = Context(
        program: arguments.first ?? "wg", warn: complain, output: OutputStream(descriptor: STDOUT_FILENO))
    do throws(CommandFailure) {
        try WireGuardTool.run(Array(arguments.dropFirst()), &context)
        return 0
    } catch {
        complain(error.description)
        return 1
    }
}

// Nothing is left to be written or undone, so that the libraries need not be called for their goodbyes.
_exit(runTool())
