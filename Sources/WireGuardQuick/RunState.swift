internal import ByteText
internal import LinuxSystem
internal import WireGuardModel

/// The note of `up --netns` for later commands: the namespace that the interface went to. Only commands started in the
/// same namespace as that `up` find it.
struct RunState {
    private let folder: ByteString
    private let path: ByteString
    /// Nil for our own.
    private(set) var namespace: NamespaceName?
    /// The inode number of the namespace: another one may have its name by now.
    private var number: ByteString = ""

    init(of name: InterfaceName, _ context: QuickContext) {
        folder = context.notesFolder
        path = folder + "/" + name.text + ".netns"
        guard let text = try? FileSystem.read(path), let end = text.bytes.firstIndex(of: ASCII.newline) else { return }
        namespace = NamespaceName(ByteString(Array(text.bytes[(end + 1)...])))
        number = ByteString(Array(text.bytes[..<end]))
    }

    /// Whether the namespace was deleted, and the interface with it.
    var isNamespaceGone: Bool {
        guard let namespace else { return false }
        do throws(Errno) {
            return try ByteString("\(namespace.open().number)") != number
        } catch {
            return true
        }
    }

    func remember(_ namespace: NamespaceName) throws(QuickFailure) {
        do throws(Errno) {
            let number = try ByteString("\(namespace.open().number)\n")
            try FileSystem.makeFolder(folder, mode: 0o700)
            try FileSystem.write(number + namespace.text, to: path, mode: 0o600)
        } catch {
            throw QuickFailure("Unable to write \(path): \(error)")
        }
    }

    func forget() {
        FileSystem.remove(path)
        FileSystem.removeFolder(folder)
    }
}
