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

    package enum LogLevel: Sendable {
        case verbose, error
    }

    package init() {}
}
