internal import ByteText
internal import Glibc
internal import LinuxSystem
internal import Synchronization
internal import WireGuardModel

/// The daemon's words on standard error, one line a message. Secrets have no place in them.
///
/// The rate is limited: a burst of lines, then a few a second, then the number of lines left out. Errors have a limit
/// of their own, which no flood of other lines uses up.
package final class Log: Sendable {
    package enum Level: Int, Comparable, Sendable {
        case silent, error, verbose

        package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    package let level: Level
    /// The prefix of every line.
    let name: String
    private let write: @Sendable (String) -> Void
    private let clock: @Sendable () -> UInt64
    private let errors = Mutex(Allowance(most: 50, perSecond: 5))
    private let others = Mutex(Allowance(most: 500, perSecond: 100))

    /// `name` stands in front of every line. `write` takes a line without its newline; `clock` tells nanoseconds.
    package init(
        _ level: Level, name: String, write: @escaping @Sendable (String) -> Void = Log.writeUnlessBlocked,
        clock: @escaping @Sendable () -> UInt64 = Clock.bootNanoseconds
    ) {
        (self.level, self.name, self.write, self.clock) = (level, name, write, clock)
    }

    /// The prefix of the lines about an interface.
    static func name(of interface: InterfaceName) -> String { "wireguard-swift: \(interface)" }

    /// The same log with another interface's name.
    func renamed(for interface: InterfaceName) -> Log {
        Log(level, name: Self.name(of: interface), write: write, clock: clock)
    }

    /// Nanoseconds of the clock that limits the rate.
    var now: UInt64 { clock() }

    package func error(_ message: @autoclosure () -> String) { say(.error, "", message) }

    package func debug(_ message: @autoclosure () -> String) { say(.verbose, "debug: ", message) }

    private func say(_ level: Level, _ mark: String, _ message: () -> String) {
        guard level <= self.level else { return }
        let now = clock()
        let dropped = level == .error ? errors.withLock { $0.take(at: now) } : others.withLock { $0.take(at: now) }
        guard let dropped else { return }
        if dropped > 0 { write("\(name): \(dropped) messages left out") }
        write("\(name): \(mark)\(message())")
    }

    /// Writes to standard error unless that would block: a stopped terminal, or a full pipe without a reader, must stop
    /// neither the tunnel nor its end. The line is then lost.
    @Sendable
    package static func writeUnlessBlocked(_ line: String) {
        var polled = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
        if poll(&polled, 1, 0) == 1 { writeToStandardError(line) }
    }

    /// In one piece, so that lines of several threads and programs do not mix.
    @Sendable
    package static func writeToStandardError(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

extension Log {
    /// A bucket of lines that fills with time.
    private struct Allowance {
        private let most: UInt64
        private let nanosecondsEach: UInt64
        private var left: UInt64
        private var counted: UInt64 = 0
        private var dropped = 0

        init(most: UInt64, perSecond: UInt64) {
            self.most = most
            nanosecondsEach = 1_000_000_000 / perSecond
            left = most
        }

        /// How many lines were dropped since the last one that was let through; nil to drop this one too.
        mutating func take(at now: UInt64) -> Int? {
            let earned = now > counted ? (now - counted) / nanosecondsEach : 0
            left = min(left + earned, most)
            counted = left == most ? now : counted + earned * nanosecondsEach
            guard left > 0 else {
                dropped += 1
                return nil
            }
            left -= 1
            defer { dropped = 0 }
            return dropped
        }
    }
}
