internal import CLinux
internal import Glibc

/// A program that was started. One that nobody waits for runs on by itself.
package struct ChildProcess: ~Copyable {
    package let pid: CInt
    private let output: MemoryFile?
    private let errors: MemoryFile?

    /// The time from passing a request to end on until SIGKILL.
    private static let endMilliseconds: CInt = 10_000

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

    /// Waits likewise. Passes a noted ``EndRequest`` on to the program and all its descendants, and kills those that
    /// have not ended 10 seconds later.
    package consuming func waitPassingRequests() throws(Errno) -> ProgramResult {
        passRequest()
        return try wait()
    }

    /// Returns when the program has ended, or a request was passed on. Returns at once before Linux 5.3: a request then
    /// waits for the program's end.
    private borrowing func passRequest() {
        let pid = pid
        guard EndRequest.isNoting, let raw = try? syscall({ clinux_process_descriptor(pid) }) else { return }
        let process = FileDescriptor(owning: raw)
        if EndRequest.wait(for: process.raw) { return }
        guard let signal = EndRequest.signal else { return }
        ProcessTree.send(signal, to: pid)
        var polled = [pollfd(process.raw)]
        _ = try? syscall { poll(&polled, 1, Self.endMilliseconds) }
        if polled[0].revents == 0 { ProcessTree.send(SIGKILL, to: pid) }
    }
}
