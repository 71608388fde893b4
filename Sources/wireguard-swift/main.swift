import ByteText
import Glibc
import LinuxSystem
import WireGuardDaemon

StandardStream.occupyClosed()

let arguments = (0..<Int(CommandLine.argc)).map { ByteString(cString: CommandLine.unsafeArgv[$0]!) }

// Nothing is left to be undone, and of a parent that returns to the shell nothing must be.
_exit(Daemon.run(Array(arguments.dropFirst())))
