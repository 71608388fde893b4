import Glibc
import TestSupport
import WireGuardKeys

// handshake-bench WG INTERFACE PORT COUNT PID
// Makes COUNT peers of a daemon's interface, lets each begin a handshake, and prints how many were answered in a second
// of the daemon's processor time: what others on the machine do plays no part.

let arguments = CommandLine.arguments
guard arguments.count == 6, let port = UInt16(arguments[3]), let count = Int(arguments[4]),
    let pid = pid_t(arguments[5])
else {
    print("usage: handshake-bench WG INTERFACE PORT COUNT PID")
    exit(2)
}
do {
    let responder = PrivateKey.generate()
    let crowd = Crowd(of: count, calling: responder.publicKey)
    let configuration = crowd.configuration(of: responder, port: port)
    let result = try run(arguments[1], ["setconf", arguments[2], "/dev/stdin"], input: configuration)
    guard result.status == 0 else { throw RunError(description: "wg setconf: \(result.err)") }
    let start = try processorTime(of: pid)
    let responses = try Exchange(with: port).run(crowd)
    let seconds = try processorTime(of: pid) - start
    try crowd.check(responses)
    print(Int(Double(responses.count) / seconds))
} catch {
    let line = Array("handshake-bench: \(error)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(1)
}

/// In seconds, of all threads.
func processorTime(of pid: pid_t) throws -> Double {
    var clock = clockid_t()
    var time = timespec()
    guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else {
        throw RunError(description: "process \(pid) has no clock")
    }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
