import ByteText
import Glibc
import LinuxSystem
import WireGuardQuick

StandardStream.occupyClosed()

let arguments = (0..<Int(CommandLine.argc)).map { ByteString(cString: CommandLine.unsafeArgv[$0]!) }

/// Writes a line to standard error in one piece, so that lines of several programs do not mix.
@Sendable func complain(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}

@Sendable func answer(_ text: Span<UInt8>) -> Bool {
    var stream = OutputStream(descriptor: STDOUT_FILENO)
    stream.buffer.append(text)
    return stream.finish() == nil
}

var context = QuickContext(tell: complain, write: answer)
if let path = try? FileSystem.resolved("/proc/self/exe") { context.programPath = path }

Environment.addMissingPath()

// Nothing is left to be undone, so that the libraries need not be called for their goodbyes.
switch QuickTool.run(Array(arguments.dropFirst()), context) {
case .exited(let status): _exit(Int32(status))
case .killed(let signal): EndRequest.end(by: signal)
}
