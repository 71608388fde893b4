internal import LinuxSystem

/// Why a command ended without doing its work: a text for standard error, and what the shell is told.
package struct QuickFailure: Error, CustomStringConvertible {
    /// One or more lines; empty where the program that failed has said it already.
    package let description: String
    package let status: Int32
    /// What the kernel said, where it was that.
    let cause: Errno?

    package init(_ description: String, status: Int32 = 1) {
        (self.description, self.status, cause) = (description, status, nil)
    }

    init(_ description: String, status: Int32, cause: Errno) {
        (self.description, self.status, self.cause) = (description, status, cause)
    }
}
