/// How an engine is to work.
package struct EngineSettings: Sendable {
    /// Threads that move packets; each has a TUN queue and sockets of its own.
    package var workers = 1
    /// Whether the kernel may cut and join packets for us.
    package var usesOffloads = true
    /// Whether packets may be sealed with the processor's vectors, where it has those.
    package var usesVectors = true
    /// Whether workers may look for more a moment longer before they sleep, where packets come one by one.
    package var usesBusyPoll = true
    /// Takes a line for the administrator.
    package var log: @Sendable (LogLevel, String) -> Void = { _, _ in }

    package enum LogLevel: Sendable {
        case verbose, error
    }

    package init() {}
}
