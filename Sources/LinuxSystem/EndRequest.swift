internal import CLinux
internal import Glibc

/// Signals that ask this program to end.
///
/// A program that must not stop half-way notes them from ``note()`` on, checks ``signal`` between its steps, undoes
/// what it has done, and then ends by ``end(by:)``. It dies of the signal after `grace` seconds in any case. Programs
/// that it starts have the signals' default actions.
package enum EndRequest {
    /// Seconds; enough for a roll-back that runs programs on a busy machine.
    private static let grace: UInt32 = 60
    private static let noted = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE]

    /// Replaces the default actions. A signal that was ignored at the start, as by nohup(1), stays ignored.
    package static func note() throws(Errno) {
        try syscall { clinux_note_signals(noted, noted.count, grace) }
    }

    package static var isNoting: Bool { descriptor >= 0 }

    /// The first noted signal other than SIGPIPE.
    package static var signal: CInt? {
        let signal = clinux_noted_request()
        return signal == 0 ? nil : signal
    }

    /// SIGPIPE if it came: the reader of our output is gone.
    package static var closedPipe: CInt? { clinux_noted_closed_pipe() == 0 ? nil : SIGPIPE }

    /// Ends the program by the signal's default action.
    package static func end(by signal: CInt) -> Never {
        clinux_die_by_signal(signal)
        _exit(128 + signal)
    }

    /// Sleeps. Returns false, at once, when a signal has come.
    package static func sleep(microseconds: UInt32) -> Bool {
        guard isNoting else {
            Clock.sleep(microseconds: microseconds)
            return true
        }
        return !wait(milliseconds: CInt((microseconds + 999) / 1000))
    }

    /// Waits until a descriptor is readable or a signal has come; true if the descriptor is readable.
    static func wait(for descriptor: CInt) -> Bool {
        var polled = [pollfd(descriptor), pollfd(self.descriptor)]
        _ = try? syscall { poll(&polled, 2, -1) }
        return polled[0].revents != 0
    }

    /// Whether a signal comes within this time.
    private static func wait(milliseconds: CInt) -> Bool {
        var polled = [pollfd(descriptor)]
        // The signal itself ends the first wait.
        _ = poll(&polled, 1, milliseconds)
        return signal != nil
    }

    /// Readable from the first signal on; negative in a program that does not note signals.
    private static var descriptor: CInt { clinux_noted_request_descriptor() }
}

extension pollfd {
    init(_ descriptor: CInt) { self.init(fd: descriptor, events: Int16(POLLIN), revents: 0) }
}
