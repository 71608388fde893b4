internal import ByteText
internal import LinuxSystem
internal import WireGuardModel

/// The DNS servers of a network namespace: in the program that it runs, `ip netns exec NAME` mounts the file
/// /etc/netns/NAME/resolv.conf over /etc/resolv.conf. The machine's own resolver is left alone.
///
/// The previous file is kept beside the folder, since `ip netns exec` would mount every file in it. Its new name
/// contains the interface's.
struct NamespaceResolver {
    let path: ByteString
    let interface: InterfaceName

    /// Writes the file. Replaces one of ours; keeps any other first.
    func set(_ settings: DNSSettings) throws(Errno) {
        let hasMadeFolder = try FileSystem.makeFolder(path.folder, mode: 0o755)
        let isRenewed = isOurs(path)
        let madeFolder = isRenewed ? hasLine(madeFolderLine, path) : hasMadeFolder
        if !isRenewed { try keep() }
        let text = firstLine + (madeFolder ? madeFolderLine : "") + settings.resolvconfText
        let new = besideFolder + "tmp"
        FileSystem.remove(new)
        try FileSystem.write(text, to: new, mode: 0o644)
        try FileSystem.move(new, to: path)
    }

    /// Restores the previous file. A file that another program has written since stays.
    func unset() throws(Errno) {
        guard let ours = ourFile else { return }
        let hasMadeFolder = hasLine(madeFolderLine, ours)
        do throws(Errno) {
            try FileSystem.move(kept, to: ours)
        } catch {
            guard error == .notFound else { throw error }
            FileSystem.remove(ours)
        }
        if hasMadeFolder { FileSystem.removeFolder(path.folder) }
    }

    private func keep() throws(Errno) {
        do throws(Errno) {
            try FileSystem.move(path, to: kept)
        } catch {
            if error != .notFound { throw error }
        }
    }

    /// The file itself, or the copy that another interface keeps of it and will restore at its end.
    private var ourFile: ByteString? {
        if isOurs(path) { return path }
        let names = (try? FileSystem.entries(of: path.folder.folder)) ?? []
        let paths = names.map { path.folder.folder + "/" + $0 }
        return paths.first { $0.bytes.starts(with: besideFolder.bytes) && isOurs($0) }
    }

    private var kept: ByteString { besideFolder + "before-" + interface.text }

    private var besideFolder: ByteString { path.folder + ".resolv.conf." }

    private var firstLine: ByteString {
        "# By wg-quick for " + interface.text + ": \"wg-quick down\" puts back what was here before.\n"
    }

    private var madeFolderLine: ByteString { "# The folder was made for this file.\n" }

    private func isOurs(_ file: ByteString) -> Bool {
        (try? FileSystem.read(file))?.bytes.starts(with: firstLine.bytes) == true
    }

    private func hasLine(_ line: ByteString, _ file: ByteString) -> Bool {
        (try? FileSystem.read(file))?.bytes.dropFirst(firstLine.count).starts(with: line.bytes) == true
    }
}
