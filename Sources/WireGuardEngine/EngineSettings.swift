package import WireGuardModel
package import WireGuardProtocol

/// How an engine is to work.
package struct EngineSettings: Sendable {
    /// Threads that move packets; each has a TUN queue and sockets of its own.
    package var workers = 1
    /// Whether the kernel may cut and join packets for us.
    package var usesOffloads = true
    /// Who seals and opens packets; must be available.
    package var cipher = CipherKind.fastest
    /// Whether workers may look for more a moment longer before they sleep, where packets come one by one.
    package var usesBusyPoll = true
    /// Takes a line for the administrator.
    package var log: @Sendable (LogLevel, String) -> Void = { _, _ in }

    /// Called for datagrams that could not be sent to a peer, as often as `SendFailureReports` allows.
    package var sendFailed: @Sendable (SendFailure) -> Void = { _ in }

    /// Called with the address of an endpoint whose packets are routed into the tunnel itself, and therefore dropped.
    package var routeLoops: @Sendable (IPAddress) -> Void = { _ in }

    /// Called with events of handshakes and peers, on any thread; nil costs nothing.
    package var trace: (@Sendable (TunnelEvent) -> Void)?

    package enum LogLevel: Sendable {
        case verbose, error
    }

    package init() {}
}
