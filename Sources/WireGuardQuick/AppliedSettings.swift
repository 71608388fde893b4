internal import ByteText
internal import LinuxNetlink
internal import LinuxSystem
internal import WireGuardKeys
internal import WireGuardModel
internal import WireGuardText

/// The settings that `up` or `reload` applied and that the kernel does not show: they tell which addresses, routes and
/// fwmarks are wg-quick's, and which of them other programs have changed since.
///
/// It is stored as a configuration file. An interface that another program brought up has none.
struct AppliedSettings: Equatable {
    var table = RoutingTableChoice.auto
    var dns = DNSSettings()
    var addresses: Set<InterfaceAddress> = []
    /// The MTU in bytes, as it was set.
    var mtu: UInt32 = 0
    /// The fwmark of the default routes; 0 for none.
    var mark: UInt32 = 0
    /// Endpoints that the file gives as host names.
    var endpointNames: [PublicKey: ByteString] = [:]

    init(_ file: borrowing QuickFile, mtu: UInt32, mark: UInt32) {
        let settings = file.settings
        table = settings.table
        dns = settings.dns
        addresses = Set(settings.addresses.map(\.onLink))
        self.mtu = mtu
        self.mark = mark
        for endpoint in file.namedEndpoints() { endpointNames[endpoint.peer] = endpoint.name.text }
    }

    /// Nil if there is no such note, or one of an earlier version, which lacks fields.
    fileprivate init?(_ name: InterfaceName, at path: ByteString, _ context: QuickContext) {
        guard FileSystem.exists(path),
            let file = try? QuickFile(reading: ConfigurationName(name, path: path)),
            let update = try? file.update(UnresolvedSources(context.sources), tolerant: true).update,
            let mark = update.fwmark, let mtu = file.settings.mtu
        else { return nil }
        self.init(file, mtu: mtu, mark: mark)
    }

    fileprivate func write(to path: ByteString, _ context: QuickContext) {
        do throws(Errno) {
            try FileSystem.makeFolder(context.notesFolder, mode: 0o700)
            try FileSystem.write(text, to: path, mode: 0o600)
        } catch {
            context.warn("Unable to write \(path): \(error)")
        }
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
        text.append("\nAddress = ")
        text.append(list: addresses.map { ByteString($0.words) }.sorted())
        text.append("\nMTU = ")
        text.append(decimal: mtu)
        text.append("\nFwMark = ")
        text.append(decimal: mark)
        for (peer, name) in endpointNames {
            text.append("\n[Peer]\nPublicKey = ")
            text.append(ByteString(peer.words).span)
            text.append("\nEndpoint = ")
            text.append(name.span)
        }
        text.append("\n")
        return ByteString(copying: text.span)
    }
}

/// The notes about an interface: the settings last applied, and those that an interrupted `reload` began to apply.
struct AppliedNotes {
    private let finished: AppliedSettings?
    private let unfinished: AppliedSettings?
    private let name: InterfaceName
    private let context: QuickContext

    init(_ name: InterfaceName, _ context: QuickContext) {
        self.name = name
        self.context = context
        finished = AppliedSettings(name, at: Self.path(name, context), context)
        unfinished = AppliedSettings(name, at: Self.unfinishedPath(name, context), context)
    }

    private var all: [AppliedSettings] { [finished, unfinished].compactMap(\.self) }

    /// Nil if nothing is known.
    var addresses: Set<InterfaceAddress>? { finished.map { _ in Set(all.flatMap(\.addresses)) } }

    var marks: [UInt32] { all.map(\.mark).filter { $0 != 0 } }

    var tables: [RoutingTableChoice] { all.map(\.table) }

    /// The DNS settings of the resolver; nil if they are not known.
    var dns: DNSSettings? { unfinished == nil ? finished?.dns : nil }

    var mayHaveDNS: Bool { all.contains { !$0.dns.servers.isEmpty } }

    var mtus: [UInt32] { all.map(\.mtu) }

    /// Nil if nothing is known of the peer.
    func endpointName(of peer: PublicKey) -> ByteString? { finished?.endpointNames[peer] }

    /// Writes the note before the first step: a `reload` that is killed may have done any part of it.
    func begin(_ settings: AppliedSettings) {
        var settings = settings
        if let unfinished { settings.addresses.formUnion(unfinished.addresses) }
        settings.write(to: Self.unfinishedPath(name, context), context)
    }

    /// Replaces the notes after the last step.
    func finish(_ settings: AppliedSettings) {
        if finished != settings { settings.write(to: Self.path(name, context), context) }
        FileSystem.remove(Self.unfinishedPath(name, context))
    }

    /// Removes the note after a roll-back, unless changes of an earlier `reload` remain.
    func takeBack() {
        if unfinished == nil { FileSystem.remove(Self.unfinishedPath(name, context)) }
    }

    static func forget(_ name: InterfaceName, _ context: QuickContext) {
        FileSystem.remove(path(name, context))
        FileSystem.remove(unfinishedPath(name, context))
        FileSystem.removeFolder(context.notesFolder)
    }

    private static func path(_ name: InterfaceName, _ context: QuickContext) -> ByteString {
        context.notesFolder + "/" + name.text + ".conf"
    }

    private static func unfinishedPath(_ name: InterfaceName, _ context: QuickContext) -> ByteString {
        path(name, context) + ".next"
    }
}
