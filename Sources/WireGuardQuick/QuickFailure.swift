internal import LinuxSystem

/// Why a command ended without doing its work: a text for standard error, and what the shell is told.
package struct QuickFailure: Error, CustomStringConvertible {
    /// One or more lines; empty where the program that failed has said it already.
    package let description: String
    package let status: Int32
    /// What the kernel said, where it was that.
    let cause: Errno?
    /// The signal that stopped the work, and by which the program is to end.
    let signal: CInt?

    package init(_ description: String, status: Int32 = 1) {
        (self.description, self.status, cause, signal) = (description, status, nil, nil)
    }

    init(_ description: String, status: Int32, cause: Errno) {
        (self.description, self.status, self.cause, signal) = (description, status, cause, nil)
    }

    init(endedBy signal: CInt) {
        description = ""
        status = 128 + signal
        cause = nil
        self.signal = signal
    }
}
