internal import Glibc

/// A program that was started. One that nobody waits for runs on by itself.
package struct ChildProcess: ~Copyable {
    package let pid: CInt
    private let output: MemoryFile?
    private let errors: MemoryFile?

    init(pid: CInt, output: consuming MemoryFile?, errors: consuming MemoryFile?) {
        self.pid = pid
        self.output = output
        self.errors = errors
    }

    /// Waits for its end. Programs that it left behind are not waited for, though they may hold its streams.
    package consuming func wait() throws(Errno) -> ProgramResult {
        let pid = pid
        var status: CInt = 0
        _ = try syscall { waitpid(pid, &status, 0) }
        return ProgramResult(
            ending: ProgramEnding(waitStatus: status), output: try output?.contents() ?? "",
            errors: try errors?.contents() ?? "")
    }
}
