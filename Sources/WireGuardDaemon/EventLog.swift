internal import Synchronization
internal import WireGuardProtocol

/// Writes the events of a tunnel into the log, one line each.
///
/// Events that anyone who can send us packets may cause at any rate are limited by kind, so that a flood neither hides
/// the other lines nor costs more than a comparison each.
final class EventLog: Sendable {
    private struct Kind {
        var second: UInt64 = 0
        var written = 0
        var left = 0
    }

    /// Lines of one kind per second.
    private static let perSecond = 5

    private let log: Log
    private let kinds = Mutex([Kind](repeating: Kind(), count: TunnelEvent.FloodKind.allCases.count))

    init(_ log: Log) { self.log = log }

    @Sendable
    func write(_ event: TunnelEvent) {
        guard let kind = event.floodKind else { return log.debug(event.line) }
        let second = log.now / 1_000_000_000
        guard let left = kinds.withLock({ Self.take(&$0[kind.rawValue], second) }) else { return }
        log.debug(left == 0 ? event.line : "\(event.line) (and \(left) more like it before)")
    }

    /// The number of lines left out since the last one; nil to leave this one out too.
    private static func take(_ kind: inout Kind, _ second: UInt64) -> Int? {
        if kind.second != second {
            kind.second = second
            kind.written = 0
        }
        guard kind.written < perSecond else {
            kind.left += 1
            return nil
        }
        kind.written += 1
        defer { kind.left = 0 }
        return kind.left
    }
}
