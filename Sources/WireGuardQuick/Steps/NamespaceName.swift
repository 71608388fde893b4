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
}
