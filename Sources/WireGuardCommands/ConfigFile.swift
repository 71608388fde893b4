internal import ByteText
internal import LinuxSystem
internal import WireGuardControl
internal import WireGuardModel
internal import WireGuardText

/// A configuration file on disk, or whatever a path leads to: `/dev/stdin`, a pipe of the shell's.
struct ConfigFile {
    private let path: ByteString

    init(_ path: ByteString) { self.path = path }

    /// What the file asks for. Throws at the first line that is wrong, and where not all could be read.
    func read(for name: InterfaceName, sources: SystemSources) throws(CommandFailure) -> DeviceUpdate {
        let file: FileDescriptor
        do throws(Errno) {
            file = try FileDescriptor.open(path)
        } catch {
            throw CommandFailure("fopen: \(error): \(path.quoted)")
        }
        return try parse(file, for: name, sources: sources)
    }

    private func parse(
        _ file: borrowing FileDescriptor, for name: InterfaceName, sources: SystemSources
    ) throws(CommandFailure) -> DeviceUpdate {
        let place = sources.prefixingWarnings(with: "\(path.excerpt): ")
        var parser = ConfigParser(for: name, sources: place, size: FileKind.size(ofFile: file.raw))
        var lines = LineSplitter()
        try lines.forEachLine { (buffer) throws(CommandFailure) in
            do throws(Errno) {
                try file.read(into: &buffer)
            } catch {
                throw CommandFailure("Unable to read \(path.quoted): \(error)")
            }
        } _: { line throws(CommandFailure) in
            do throws(ConfigError) {
                try parser.take(line: line)
            } catch {
                throw CommandFailure(error, in: path)
            }
            return true
        }
        do throws(ConfigError) {
            return try parser.finish()
        } catch {
            throw CommandFailure(error, in: path)
        }
    }
}
