internal import ByteText
internal import Glibc
internal import LinuxSystem
internal import Synchronization
internal import WireGuardModel

/// The daemon's words on standard error, one line a message. Secrets have no place in them.
///
/// What repeats itself is cut off: a burst of lines, then a few a second, then how many were left out.
package final class Log: Sendable {
    package enum Level: Int, Comparable, Sendable {
        case silent, error, verbose

        package static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    package let level: Level
    private let name: String
    private let write: @Sendable (String) -> Void
    private let clock: @Sendable () -> UInt64
    private let allowance = Mutex(Allowance())

    /// `name` stands in front of every line. `write` takes a line without its newline; `clock` tells nanoseconds.
    package init(
        _ level: Level, name: String, write: @escaping @Sendable (String) -> Void = Log.writeUnlessBlocked,
        clock: @escaping @Sendable () -> UInt64 = Clock.bootNanoseconds
    ) {
        (self.level, self.name, self.write, self.clock) = (level, name, write, clock)
    }

    /// What stands in front of the lines about an interface.
    static func name(of interface: InterfaceName) -> String { "wireguard-swift: \(interface)" }

    /// The same log with another interface's name.
    func renamed(for interface: InterfaceName) -> Log {
        Log(level, name: Self.name(of: interface), write: write, clock: clock)
    }

    package func error(_ message: @autoclosure () -> String) { say(.error, "", message) }

    package func debug(_ message: @autoclosure () -> String) { say(.verbose, "debug: ", message) }

    private func say(_ level: Level, _ mark: String, _ message: () -> String) {
        guard level <= self.level else { return }
        let now = clock()
        guard let dropped = allowance.withLock({ $0.take(at: now) }) else { return }
        if dropped > 0 { write("\(name): \(dropped) messages left out") }
        write("\(name): \(mark)\(message())")
    }

    /// To standard error, unless that would have to wait: a stopped terminal, or a full pipe that nobody reads, must not
    /// stop the tunnel, nor its end. The line is lost then.
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
        private static let most: UInt64 = 50
        private static let nanosecondsEach: UInt64 = 200_000_000

        private var left = most
        private var counted: UInt64 = 0
        private var dropped = 0

        /// How many lines were dropped since the last one that was let through; nil to drop this one too.
        mutating func take(at now: UInt64) -> Int? {
            let earned = now > counted ? (now - counted) / Self.nanosecondsEach : 0
            left = min(left + earned, Self.most)
            counted = left == Self.most ? now : counted + earned * Self.nanosecondsEach
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
