package import ByteText
internal import Glibc

/// An exclusive lock on a file (flock(2)), held until this value or the program ends.
package struct FileLock: ~Copyable {
    private let file: FileDescriptor

    private static let stepMicroseconds: UInt32 = 5_000

    /// Makes the file if it is missing. Waits for other holders; nil if one still has it after `milliseconds`, or if an
    /// ``EndRequest`` came.
    package init?(at path: ByteString, milliseconds: Int) throws(Errno) {
        let raw = try path.withCString { (path) throws(Errno) in
            try syscall { open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600) }
        }
        let file = FileDescriptor(owning: raw)
        let end = Clock.bootNanoseconds() + UInt64(milliseconds) * 1_000_000
        while true {
            do throws(Errno) {
                try syscall { flock(raw, LOCK_EX | LOCK_NB) }
                break
            } catch {
                if error != .tryAgain { throw error }
            }
            guard Clock.bootNanoseconds() < end, EndRequest.sleep(microseconds: Self.stepMicroseconds) else {
                return nil
            }
        }
        self.file = file
    }
}
