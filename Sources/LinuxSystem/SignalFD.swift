internal import CLinux
internal import Glibc

/// Signals as something to read. They are blocked for the calling thread, and so for every thread that it
/// starts from then on: make it before the others begin.
package struct SignalFD: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    package init(_ signals: [CInt] = [SIGTERM, SIGINT]) throws(Errno) {
        descriptor = FileDescriptor(owning: try syscall { clinux_signalfd(signals, signals.count) })
    }

    package var raw: CInt { descriptor.raw }

    /// Blocks signals until a `SignalFD` is made for them, which then reads those that came meanwhile.
    package static func block(_ signals: [CInt]) throws(Errno) { _ = try SignalFD(signals) }

    /// Whether the process was started with the signal ignored, as by nohup(1). A SignalFD can read it all the same.
    package static func isIgnored(_ signal: CInt) -> Bool { clinux_ignores(signal) != 0 }

    /// The number of the next signal; nil when there is none.
    package borrowing func read() -> CInt? {
        let signal = clinux_signalfd_read(descriptor.raw)
        return signal > 0 ? signal : nil
    }
}
