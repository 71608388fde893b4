import CLinux
package import Glibc

/// What a program left behind when it ended.
package struct RunResult: Sendable {
    /// Exit status; 128 + the signal's number for a program that a signal ended, as a shell says it.
    package var status: Int32
    package var stdout: [UInt8]
    package var stderr: [UInt8]

    package var out: String { String(decoding: stdout, as: UTF8.self) }
    package var err: String { String(decoding: stderr, as: UTF8.self) }
}

package struct RunError: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}

/// Runs a program to its end, feeding `input` and collecting both outputs.
///
/// `executable` is looked up in PATH when it has no slash. `argv0` replaces the program's own name.
/// `environment` is the whole environment; nil inherits ours. A program still running after
/// `timeout` seconds is killed and reported as status 137.
package func run(
    _ executable: String, _ arguments: [String] = [], environment: [String: String]? = nil,
    input: [UInt8] = [], argv0: String? = nil, timeout: Int = 120
) throws -> RunResult {
    try run(
        executable, bytes: arguments.map { Array($0.utf8) }, environment: environment, input: input, argv0: argv0,
        timeout: timeout)
}

/// The same with arguments that need not be UTF-8.
package func run(
    _ executable: String, bytes arguments: [[UInt8]], environment: [String: String]? = nil,
    input: [UInt8] = [], argv0: String? = nil, timeout: Int = 120
) throws -> RunResult {
    let stdin = try Pipe()
    let stdout = try Pipe()
    let stderr = try Pipe()
    let pid = try spawn(
        executable, bytes: [Array((argv0 ?? executable).utf8)] + arguments, environment: environment,
        descriptors: [stdin.read, stdout.write, stderr.write])
    for end in [stdin.read, stdout.write, stderr.write] { close(end) }
    defer { for end in [stdout.read, stderr.read] { close(end) } }

    let deadline = time(nil) + timeout
    var collected: [[UInt8]] = [[], []]
    pump(input: input, into: stdin.write, from: [stdout.read, stderr.read], collected: &collected, until: deadline)
    return RunResult(status: wait(for: pid, until: deadline), stdout: collected[0], stderr: collected[1])
}

private struct Pipe {
    let read: Int32
    let write: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw RunError(description: "pipe2: errno \(errno)") }
        (read, write) = (ends[0], ends[1])
    }
}

/// Starts `arguments` (argv[0] first) with the three descriptors as its standard ones.
package func spawn(
    _ executable: String, _ arguments: [String], environment: [String: String]? = nil, descriptors: [Int32]
) throws -> pid_t {
    try spawn(
        executable, bytes: arguments.map { Array($0.utf8) }, environment: environment, descriptors: descriptors)
}

private func spawn(
    _ executable: String, bytes arguments: [[UInt8]], environment: [String: String]?, descriptors: [Int32]
) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, source) in descriptors.enumerated() {
        posix_spawn_file_actions_adddup2(&actions, source, Int32(target))
    }
    var argv = arguments.map(cString) + [nil]
    defer { for argument in argv { free(argument) } }
    var envp = environment?.map { cString(Array("\($0.key)=\($0.value)".utf8)) }
    envp?.append(nil)
    defer { for variable in envp ?? [] { free(variable) } }

    var pid = pid_t()
    let failure: Int32
    if envp != nil {
        failure = posix_spawnp(&pid, executable, &actions, nil, &argv, &envp!)
    } else {
        failure = posix_spawnp(&pid, executable, &actions, nil, &argv, environ)
    }
    guard failure == 0 else { throw RunError(description: "\(executable): \(String(cString: strerror(failure)))") }
    return pid
}

private func cString(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar>? {
    (bytes + [0]).withUnsafeBytes { strdup($0.bindMemory(to: CChar.self).baseAddress!) }
}

/// Moves bytes both ways until the outputs close, so that neither side ever waits on a full pipe.
private func pump(
    input: [UInt8], into stdin: Int32, from outputs: [Int32], collected: inout [[UInt8]], until deadline: Int
) {
    signal(SIGPIPE, SIG_IGN)
    _ = fcntl(stdin, F_SETFL, O_NONBLOCK)
    var sent = 0
    var stdinOpen = true
    var open = outputs.map { _ in true }
    var chunk = [UInt8](repeating: 0, count: 65536)
    while open.contains(true), time(nil) < deadline {
        if stdinOpen, sent == input.count {
            close(stdin)
            stdinOpen = false
        }
        var polled = zip(outputs, open).map { pollfd(fd: $1 ? $0 : -1, events: Int16(POLLIN), revents: 0) }
        polled.append(pollfd(fd: stdinOpen ? stdin : -1, events: Int16(POLLOUT), revents: 0))
        guard poll(&polled, nfds_t(polled.count), 1000) > 0 else { continue }
        for index in outputs.indices where polled[index].revents != 0 {
            let count = read(outputs[index], &chunk, chunk.count)
            if count > 0 { collected[index] += chunk[..<count] } else { open[index] = false }
        }
        if stdinOpen, polled[outputs.count].revents != 0 {
            let count = input[sent...].withUnsafeBytes { write(stdin, $0.baseAddress, $0.count) }
            if count > 0 { sent += count } else if errno != EAGAIN { sent = input.count }
        }
    }
    if stdinOpen { close(stdin) }
}

private func wait(for pid: pid_t, until deadline: Int) -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, WNOHANG) == 0 {
        if time(nil) >= deadline { kill(pid, SIGKILL) }
        usleep(100)
    }
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal
}
