internal import ByteText
internal import LinuxSystem
internal import WireGuardControl
internal import WireGuardModel
internal import WireGuardText

/// A configuration file on disk, or whatever a path leads to: `/dev/stdin`, a pipe of the shell's.
struct ConfigFile {
    private let path: ByteString
    /// Whether the file replaces the whole configuration, as with `setconf` and `syncconf`.
    private let isWhole: Bool

    init(_ path: ByteString, isWhole: Bool) {
        self.path = path
        self.isWhole = isWhole
    }

    /// The update that the file asks for. Throws at the first wrong line, at a read error, and if a pipe brings
    /// nothing.
    func read(for name: InterfaceName, sources: SystemSources) throws(CommandFailure) -> DeviceUpdate {
        let file: FileDescriptor
        do throws(Errno) {
            file = try FileDescriptor.open(path)
        } catch {
            throw CommandFailure("Unable to open \(path.quoted): \(error)")
        }
        return try parse(file, for: name, sources: sources)
    }

    private func parse(
        _ file: borrowing FileDescriptor, for name: InterfaceName, sources: SystemSources
    ) throws(CommandFailure) -> DeviceUpdate {
        let sources = sources.warning(about: path)
        var parser = ConfigParser(for: name, sources: sources, size: FileKind.size(ofFile: file.raw))
        var lines = LineSplitter()
        var isEmpty = true
        try lines.forEachLine { (buffer) throws(CommandFailure) in
            do throws(Errno) {
                try file.read(into: &buffer)
            } catch {
                throw CommandFailure("Unable to read \(path.quoted): \(error)")
            }
        } _: { line throws(CommandFailure) in
            isEmpty = false
            do throws(ConfigError) {
                try parser.take(line: line)
            } catch {
                throw CommandFailure(error, in: path)
            }
            return true
        }
        if isEmpty || (isWhole && parser.hasNoSection) { try checkMayBeEmpty(file) }
        do throws(ConfigError) {
            return try parser.finish()
        } catch {
            throw CommandFailure(error, in: path)
        }
    }

    /// An empty file or /dev/null asks for an interface without peers. If no section comes from a pipe or socket, its
    /// writer has failed, as in `wg syncconf wg0 <(wg-quick strip wg0)`: that asks for nothing.
    ///
    /// `addconf` accepts blank lines: they change nothing, and the script wg-quick pipes them for an empty file.
    private func checkMayBeEmpty(_ file: borrowing FileDescriptor) throws(CommandFailure) {
        if FileKind.isFileOrCharacterDevice(file.raw) { return }
        throw CommandFailure(
            "No configuration came from the pipe \(path.quoted): nothing is changed (to clear an interface, "
                + "give /dev/null)")
    }
}
