internal import ByteText
internal import LinuxSystem
internal import WireGuardKeys
internal import WireGuardModel
internal import WireGuardText

/// `wg-quick reresolve`: follows peers whose address behind a name has changed.
///
/// Names are asked for only where the peer has not been heard of for a while: one that answers is where it is. A name
/// that does not resolve now is told of and no failure: the next run will ask again.
enum ReresolveCommand {
    /// A session is renewed after two minutes: a handshake older than this one was due and did not come.
    private static let staleSeconds: Int64 = 135

    static func run(_ options: QuickOptions, _ context: QuickContext) throws(QuickFailure) {
        if options.target != nil {
            try reresolve(context.configurationName(options), options, context)
        } else {
            try reresolveAll(options, context)
        }
    }

    /// Every interface that is up and has a file in the usual folder. One that fails does not keep the others waiting.
    private static func reresolveAll(_ options: QuickOptions, _ context: QuickContext) throws(QuickFailure) {
        var failures: [String] = []
        for name in try presentNames(context) {
            do throws(QuickFailure) {
                try reresolve(name, options, context)
            } catch {
                failures.append(error.description)
            }
        }
        if !failures.isEmpty { throw QuickFailure(failures.joined(separator: "\n")) }
    }

    private static func presentNames(_ context: QuickContext) throws(QuickFailure) -> [ConfigurationName] {
        let folder = context.configurationFolder
        let files: [ByteString]
        do throws(Errno) {
            files = try FileSystem.entries(of: folder)
        } catch {
            if error == .notFound { return [] }
            throw QuickFailure("Unable to read \(folder): \(error)")
        }
        let machine = try Machine(for: InterfaceName(""), context)
        let present = Set((try? machine.backend.list()) ?? [])
        return files.sorted().compactMap { file in
            try? ConfigurationName(folder + "/" + file)
        }.filter { name in
            present.contains(name.interface) || RunState(of: name.interface, context).namespace != nil
        }
    }

    private static func reresolve(
        _ name: ConfigurationName, _ options: QuickOptions, _ context: QuickContext
    ) throws(QuickFailure) {
        let endpoints = try QuickFile(reading: name).namedEndpoints()
        var machine = try Machine(for: name.interface, context, isDry: options.isDry)
        let namespace = RunState(of: name.interface, context).namespace
        let device = try machine.visit(namespace) { (machine) throws(QuickFailure) in try machine.device() }
        // Names are looked up where the tunnel's own packets go, not where the interface may be.
        for (peer, endpoint) in changes(of: device, endpoints, context) {
            try machine.visit(namespace) { (machine) throws(QuickFailure) in
                try machine.perform(.setEndpoint(of: peer, to: endpoint))
            }
        }
    }

    private static func changes(
        of device: Device, _ endpoints: [NamedEndpoint], _ context: QuickContext
    ) -> [(PublicKey, Endpoint)] {
        let now = Clock.wallSeconds()
        let silent = device.peers.filter { now - $0.latestHandshake.seconds > staleSeconds }
        let peers = Dictionary(silent.map { ($0.publicKey, $0) }) { first, _ in first }
        let sources = context.impatientSources
        return endpoints.compactMap { endpoint in
            guard let peer = peers[endpoint.peer] else { return nil }
            do throws(FieldError) {
                let found = try sources.resolve(endpoint.name)
                return found == peer.endpoint ? nil : (endpoint.peer, found)
            } catch {
                context.warn("\(endpoint.place): \(error)")
                return nil
            }
        }
    }
}
