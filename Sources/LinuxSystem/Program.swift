package import ByteText
internal import Glibc

/// A program to run, with no shell in between. It runs in the namespaces of the thread that starts it.
package struct Program: Sendable {
    package enum Input: Sendable {
        case inherited
        case nothing
        /// Not for secrets: they are not zeroed.
        case bytes(ByteString)
        case descriptor(CInt)
    }

    package enum Output: Sendable {
        case inherited
        case nothing
        /// Kept for the ``ProgramResult``.
        case captured
        case descriptor(CInt)
    }

    /// The program's own name first: a path, or what is looked for in `PATH`.
    package let arguments: [ByteString]
    /// All that the program gets, "NAME=value" each; nil for our own.
    package var environment: [ByteString]?
    /// Content that the program reads from a further descriptor, whose number is its last argument. Not for secrets: it
    /// is not zeroed.
    package var handed: ByteString?
    package var input = Input.inherited
    package var output = Output.inherited
    /// Where its standard error goes.
    package var errors = Output.inherited
    /// Whether a noted ``EndRequest`` ends the program too. Otherwise it is waited for in any case: suits programs that
    /// are short and should not stop half-way.
    package var passesEndRequests = false

    package init(_ name: ByteString, _ arguments: [ByteString] = []) { self.arguments = [name] + arguments }

    /// Runs it to its end. Throws where it cannot be started: `notFound` where there is no such program.
    package func run() throws(Errno) -> ProgramResult {
        let child = try start()
        return passesEndRequests ? try child.waitPassingRequests() : try child.wait()
    }

    /// Starts it, and lets it run.
    package func start() throws(Errno) -> ChildProcess {
        var spawn = Spawn()
        let given = try attach(input, to: &spawn)
        let told = try attach(output, as: STDOUT_FILENO, to: &spawn)
        let complained = try attach(errors, as: STDERR_FILENO, to: &spawn)
        var words = arguments
        let extra = try hand(over: &spawn, to: &words)
        let pid = try spawn.start(words, environment: environment)
        _ = consume given
        _ = consume extra
        return ChildProcess(pid: pid, output: told, errors: complained)
    }

    /// The file that must stay open until the program starts, if any. No inherited descriptor has its number.
    private func hand(over spawn: inout Spawn, to words: inout [ByteString]) throws(Errno) -> MemoryFile? {
        guard let handed else { return nil }
        let file = try MemoryFile(holding: handed)
        try spawn.redirect(file.raw, to: file.raw)
        words.append(ByteString("\(file.raw)"))
        return file
    }

    /// The file that must stay open until the program is started, if any.
    private func attach(_ input: Input, to spawn: inout Spawn) throws(Errno) -> MemoryFile? {
        switch input {
        case .inherited: return nil
        case .nothing: try spawn.redirectToNull(STDIN_FILENO)
        case .descriptor(let raw): try spawn.redirect(STDIN_FILENO, to: raw)
        case .bytes(let bytes):
            let file = try MemoryFile(holding: bytes)
            try spawn.redirect(STDIN_FILENO, to: file.raw)
            return file
        }
        return nil
    }

    /// The file that will hold what is captured, if any.
    private func attach(_ output: Output, as stream: CInt, to spawn: inout Spawn) throws(Errno) -> MemoryFile? {
        switch output {
        case .inherited: return nil
        case .nothing: try spawn.redirectToNull(stream)
        case .descriptor(let raw): try spawn.redirect(stream, to: raw)
        case .captured:
            let file = try MemoryFile()
            try spawn.redirect(stream, to: file.raw)
            return file
        }
        return nil
    }
}

/// How a program ended, and what it had to say.
package struct ProgramResult: Equatable, Sendable {
    package let ending: ProgramEnding
    /// Empty unless captured.
    package let output: ByteString
    /// Empty unless captured.
    package let errors: ByteString

    package init(ending: ProgramEnding, output: ByteString = "", errors: ByteString = "") {
        self.ending = ending
        self.output = output
        self.errors = errors
    }
}

package enum ProgramEnding: Equatable, Sendable {
    case exited(UInt8)
    case killed(signal: CInt)

    package var isSuccess: Bool { self == .exited(0) }

    /// As a shell has it in `$?`.
    package var shellStatus: UInt8 {
        switch self {
        case .exited(let status): status
        case .killed(let signal): 128 + UInt8(truncatingIfNeeded: signal)
        }
    }

    /// From what waitpid(2) says of a program that has ended.
    init(waitStatus: CInt) {
        let signal = waitStatus & 0x7f
        self = signal == 0 ? .exited(UInt8(truncatingIfNeeded: waitStatus >> 8)) : .killed(signal: signal)
    }
}
