package import ByteText
internal import LinuxSystem
internal import WireGuardControl

/// What a command works with: the machine's folders, programs and environment, and where its words go.
package struct QuickContext: Sendable {
    /// argv[0]'s last part, as messages begin with it.
    package var program: ByteString = "wg-quick"
    /// Where this program is, without links in between.
    package var programPath: ByteString = "/proc/self/exe"
    /// The program's arguments, without its name.
    var arguments: [ByteString] = []
    /// The shell code that precedes each hook; empty before the file is read.
    private(set) var hookPrelude: ByteString = ""
    /// Where a file is looked for that was named by its interface only.
    package var configurationFolder: ByteString = "/etc/wireguard"
    /// The folder for wg-quick's state until the next boot: locks, and folders of notes.
    package var stateFolder: ByteString = "/run/wg-quick"
    /// The inode number of the network namespace in which this program was started.
    private let namespace: UInt64
    package let environment: @Sendable (ByteString) -> ByteString?
    /// Takes a line for standard error at once.
    package let tell: @Sendable (String) -> Void
    /// Takes bytes for standard output; false where they could not be written.
    package let write: @Sendable (Span<UInt8>) -> Bool

    package init(
        environment: @escaping @Sendable (ByteString) -> ByteString? = Environment.value,
        tell: @escaping @Sendable (String) -> Void, write: @escaping @Sendable (Span<UInt8>) -> Bool
    ) {
        self.environment = environment
        self.tell = tell
        self.write = write
        namespace = Self.currentNamespace
    }

    /// 0 if /proc does not show it.
    private static var currentNamespace: UInt64 {
        do throws(Errno) {
            return try NetworkNamespace.current().number
        } catch {
            return 0
        }
    }

    /// The folder of notes on the settings that interfaces were brought up with. Each network namespace has its own:
    /// interfaces of one name in two of them are unrelated.
    var notesFolder: ByteString { stateFolder + ByteString("/\(namespace)") }

    var sources: SystemSources { SystemSources(environment: environment, warn: tell) }

    /// For endpoints that may be left out: a name that cannot be looked up now is not waited for, unless the
    /// environment asks for it.
    var impatientSources: SystemSources {
        let environment = environment
        return SystemSources(
            environment: { name in
                environment(name) ?? (name == "WG_ENDPOINT_RESOLUTION_RETRIES" ? "0" : nil)
            }, warn: tell)
    }

    /// The same context, for a command that runs hooks of this file.
    func running(hooksOf file: borrowing QuickFile) -> QuickContext {
        var context = self
        context.hookPrelude = HookPrelude(file, self).text
        return context
    }

    /// The interface and file that a command is about.
    func configurationName(_ options: QuickOptions) throws(QuickFailure) -> ConfigurationName {
        let name = try ConfigurationName(options.target!, folder: configurationFolder)
        if let warning = name.warning { tell(warning) }
        return name
    }

    /// The folder that this program was started from.
    var programFolder: ByteString {
        ByteString(Array(programPath.bytes[..<(programPath.bytes.lastIndex(of: ASCII.slash) ?? 0)]))
    }

    /// Whether `PATH` has such a program.
    func hasProgram(_ name: ByteString) -> Bool { findProgram(name) != nil }

    /// The path of a program in `PATH`. An empty folder name is the working directory.
    func findProgram(_ name: ByteString) -> ByteString? {
        let folders = (environment("PATH") ?? Environment.usualPath).bytes
            .split(separator: ASCII.colon, omittingEmptySubsequences: false)
        let paths = folders.lazy.map { $0.isEmpty ? name : ByteString(Array($0)) + "/" + name }
        return paths.first { FileSystem.isExecutable($0) }
    }

    func say(_ text: String) { _ = write(ByteString(text + "\n").span) }

    /// Something that was noticed, and does not stop the work.
    func warn(_ message: String) { tell("[!] \(message)") }
}
