internal import ByteText
internal import LinuxSystem
internal import Synchronization
internal import WireGuardControl
internal import WireGuardKeys
internal import WireGuardModel
internal import WireGuardText

/// Concurrent look-ups of endpoints' host names, with a limited wait: each takes minutes if the resolver does not
/// answer. They run in the network namespace of the thread that calls `init`.
final class EndpointLookUps: Sendable {
    typealias Answer = Result<Endpoint, FieldError>

    private struct State {
        var waiting: [EndpointName]
        var answers: [EndpointName: Answer] = [:]
    }

    private let state: Mutex<State>
    private let sources: SystemSources

    /// Each look-up blocks a thread, which may be left behind.
    private static let mostThreads = 16
    /// In microseconds, like the limit of `wait`.
    private static let pause: UInt32 = 2_000

    /// `names` holds each name once, the most urgent first.
    init(_ names: [EndpointName], _ sources: SystemSources) throws(Errno) {
        state = Mutex(State(waiting: names.reversed()))
        self.sources = sources
        for _ in 0..<min(names.count, Self.mostThreads) {
            _ = try Thread(name: "look-up") { self.work() }
        }
    }

    private func work() {
        while let name = state.withLock({ $0.waiting.popLast() }) {
            let answer: Answer
            do throws(FieldError) {
                answer = .success(try sources.resolve(name))
            } catch {
                answer = .failure(error)
            }
            state.withLock { $0.answers[name] = answer }
        }
    }

    /// Waits until all the names are answered, but at most until `limit`, in microseconds since boot.
    func wait(for names: Set<EndpointName>, until limit: UInt64) {
        while !state.withLock({ state in names.allSatisfy { state.answers[$0] != nil } }) {
            if Clock.bootNanoseconds() / 1000 >= limit { return }
            Clock.sleep(microseconds: Self.pause)
        }
    }

    /// The answers so far.
    var answers: [EndpointName: Answer] { state.withLock { $0.answers } }
}

extension QuickFile {
    /// Seconds to wait for a name that a peer needs, and for any other.
    private static let longestWait: UInt64 = 8
    private static let shortWait: UInt64 = 2

    /// The update of a running interface to the file. If a name is not answered, a peer with an endpoint of the same
    /// name keeps it, with a warning.
    func update(
        of device: Device, _ notes: AppliedNotes, _ context: QuickContext, isTolerant: Bool
    ) throws(QuickFailure) -> DeviceUpdate {
        let named = namedEndpoints()
        let running = Set(device.peers.filter { $0.endpoint != nil }.map(\.publicKey))
        let needed = named.filter { endpoint in
            if isTolerant { return false }
            let before = notes.endpointName(of: endpoint.peer)
            return !running.contains(endpoint.peer) || before ?? endpoint.name.text != endpoint.name.text
        }
        let peersInNeed = Set(needed.map(\.peer))
        let answers = try lookUp(named, needed, isTolerant ? context.impatientSources : context.sources)
        for endpoint in named {
            guard case .failure(let error) = answers[endpoint.name] ?? Self.noAnswer(endpoint.name) else { continue }
            if peersInNeed.contains(endpoint.peer) {
                throw QuickFailure("\(endpoint.place): \(error)")
            }
            let fate = running.contains(endpoint.peer) ? "Left as it is" : "Left out"
            context.warn("\(fate): \(endpoint.place): \(error)")
        }
        return try update(AnsweredSources(context.sources, answers), tolerant: true).update
    }

    private func lookUp(
        _ named: [NamedEndpoint], _ needed: [NamedEndpoint], _ sources: SystemSources
    ) throws(QuickFailure) -> [EndpointName: EndpointLookUps.Answer] {
        if named.isEmpty { return [:] }
        let start = Clock.bootNanoseconds() / 1000
        do throws(Errno) {
            let (first, all) = (Set(needed.map(\.name)), Set(named.map(\.name)))
            let lookUps = try EndpointLookUps(Array(first) + all.subtracting(first), sources)
            lookUps.wait(for: first, until: start + Self.longestWait * 1_000_000)
            lookUps.wait(for: all, until: start + Self.shortWait * 1_000_000)
            return lookUps.answers
        } catch {
            throw QuickFailure("Unable to look up endpoints: \(error)")
        }
    }

    private static func noAnswer(_ name: EndpointName) -> EndpointLookUps.Answer {
        .failure(.unresolvedEndpoint(name.text, reason: "No answer from the resolver in time"))
    }
}

/// Sources whose host names are resolved already.
private struct AnsweredSources<Sources: FieldSources>: FieldSources {
    private let sources: Sources
    private let answers: [EndpointName: EndpointLookUps.Answer]

    init(_ sources: Sources, _ answers: [EndpointName: EndpointLookUps.Answer]) {
        self.sources = sources
        self.answers = answers
    }

    func checkSettings() throws(FieldError) { try sources.checkSettings() }

    func resolve(_ name: EndpointName) throws(FieldError) -> Endpoint {
        guard let answer = answers[name] else { throw .unresolvedEndpoint(name.text, reason: "not looked up") }
        return try answer.get()
    }

    func port(named text: ByteString) throws(FieldError) -> UInt16 { try sources.port(named: text) }

    func readKeyFile(_ path: ByteString) throws(FieldError) -> SecretBytes? { try sources.readKeyFile(path) }

    func warn(_ message: String) { sources.warn(message) }
}
