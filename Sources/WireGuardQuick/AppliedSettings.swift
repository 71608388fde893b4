internal import ByteText
internal import LinuxSystem
internal import WireGuardModel

/// What `up` or `reload` last took from the file that the machine does not show: where routes went, and DNS servers.
///
/// It is kept as a file of the same form. An interface that another program brought up has none.
struct AppliedSettings {
    let table: RoutingTableChoice
    let dns: DNSSettings

    init?(of name: InterfaceName, _ context: QuickContext) {
        guard let path = try? ConfigurationName(name.text, folder: context.stateFolder),
            let file = try? QuickFile(reading: path)
        else { return nil }
        (table, dns) = (file.settings.table, file.settings.dns)
    }

    init(_ settings: QuickSettings) { (table, dns) = (settings.table, settings.dns) }

    /// Where it cannot be written, the next `reload` takes the file for what was applied.
    func remember(_ name: InterfaceName, _ context: QuickContext) {
        do throws(Errno) {
            try FileSystem.makeFolder(context.stateFolder, mode: 0o700)
            try FileSystem.write(text, to: Self.path(name, context), mode: 0o600)
        } catch {
            context.warn("Unable to write \(Self.path(name, context)): \(error)")
        }
    }

    static func forget(_ name: InterfaceName, _ context: QuickContext) { FileSystem.remove(path(name, context)) }

    private static func path(_ name: InterfaceName, _ context: QuickContext) -> ByteString {
        context.stateFolder + "/" + name.text + ".conf"
    }

    private var text: ByteString {
        var text = ByteBuffer()
        text.append("[Interface]\nTable = ")
        switch table {
        case .auto: text.append("auto")
        case .off: text.append("off")
        case .named(let name): text.append(name.span)
        }
        text.append("\nDNS = ")
        text.append(list: dns.servers + dns.searchDomains)
        text.append("\n")
        return ByteString(copying: text.span)
    }
}
