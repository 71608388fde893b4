internal import ByteText
internal import LinuxSystem

/// A network namespace as `ip netns` names it, or the path of one.
struct NamespaceName: CustomStringConvertible {
    let text: ByteString

    init(_ text: ByteString) { self.text = text }

    var description: String { text.description }

    func open() throws(Errno) -> NetworkNamespace {
        text.bytes.contains(ASCII.slash) ? try NetworkNamespace(at: text) : try NetworkNamespace(named: text)
    }

    /// The resolv.conf that `ip netns exec` mounts for programs there; nil for a path outside its folders.
    var resolverFile: ByteString? {
        let folders: [ByteString] = ["/run/netns", "/var/run/netns"]
        let isPath = text.bytes.contains(ASCII.slash)
        if isPath, !folders.contains(text.folder) { return nil }
        return "/etc/netns/" + text.lastComponent + "/resolv.conf"
    }
}
