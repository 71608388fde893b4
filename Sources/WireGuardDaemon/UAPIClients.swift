internal import LinuxSystem
internal import WireGuardText

/// The server's connections.
struct UAPIClients {
    private var byToken: [UInt64: UAPIClient] = [:]
    private var nextToken: UInt64
    private var heldEntries = 0
    /// Nobody new is let in before this moment; nil while everybody is.
    var closedUntil: UInt64?

    /// Peers and allowed-ips that all requests and answers under way may keep in memory: as many as the largest
    /// single request.
    private static let mostHeldEntries = UAPISetParser.mostEntries

    init(firstToken: UInt64) { nextToken = firstToken }

    var count: Int { byToken.count }

    subscript(token: UInt64) -> UAPIClient? { byToken[token] }

    mutating func takeToken() -> UInt64 {
        defer { nextToken += 1 }
        return nextToken
    }

    mutating func add(_ client: UAPIClient) { byToken[client.token] = client }

    /// Hangs up, when nobody else holds on to the client.
    mutating func remove(_ client: UAPIClient) {
        heldEntries -= client.heldEntries
        byToken[client.token] = nil
    }

    /// Lets a client take its turn, and then, where memory runs out, hangs up on those that keep it longest.
    mutating func serve(_ client: UAPIClient, at now: UInt64) -> Bool {
        let before = client.heldEntries
        let goesOn = client.takeTurn(at: now)
        heldEntries += client.heldEntries - before
        while heldEntries > Self.mostHeldEntries,
            let other = idlest(where: { $0.token != client.token && $0.heldEntries > 0 })
        {
            remove(other)
        }
        return goesOn
    }

    /// The one on which nothing moved for longest.
    func idlest(where isMeant: (UAPIClient) -> Bool = { _ in true }) -> UAPIClient? {
        byToken.values.lazy.filter(isMeant).min { ($0.lastMove, $0.token) < ($1.lastMove, $1.token) }
    }
}
