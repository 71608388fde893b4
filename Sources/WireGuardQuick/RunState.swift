internal import ByteText
internal import LinuxSystem
internal import WireGuardModel

/// What `up` leaves for the commands that come after it, where the machine itself does not show it: the namespace
/// that the interface went to.
struct RunState {
    private let folder: ByteString
    private let path: ByteString
    /// Nil for our own.
    private(set) var namespace: NamespaceName?

    init(of name: InterfaceName, _ context: QuickContext) {
        folder = context.stateFolder
        path = folder + "/" + name.text + ".netns"
        guard let text = try? FileSystem.read(path), !text.isEmpty else { return }
        namespace = NamespaceName(text)
    }

    func remember(_ namespace: NamespaceName) throws(QuickFailure) {
        do throws(Errno) {
            try FileSystem.makeFolder(folder, mode: 0o700)
            try FileSystem.write(namespace.text, to: path, mode: 0o600)
        } catch {
            throw QuickFailure("Unable to write \(path): \(error)")
        }
    }

    func forget() { FileSystem.remove(path) }
}
