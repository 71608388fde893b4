import CLinux
import Glibc
import Synchronization
import TestSupport

/// A network of its own inside an arena, where the interface of a tunnel is.
final class InnerNetwork: Sendable {
    private let descriptor: CInt

    init() throws {
        let opened = Mutex<CInt>(-1)
        Worker {
            guard unshare(CInt(CLONE_NEWNET)) == 0 else { return }
            opened.withLock { $0 = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC) }
        }.join()
        descriptor = opened.withLock { $0 }
        guard descriptor >= 0 else { throw RunError(description: "no network namespace") }
    }

    deinit { close(descriptor) }

    /// By which other programs find it.
    private var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

    /// Brings an interface of the calling thread's network here, and up.
    func take(_ interface: String, address: String) throws {
        try ip("link set dev \(interface) netns \(path)")
        try run {
            try ip("link set lo up")
            try ip("address add \(address) dev \(interface)")
            try ip("link set \(interface) up")
        }
    }

    /// Runs `body` on a thread in this network.
    func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result {
        try NetworkNamespace(at: path).run(body)
    }
}

func ip(_ arguments: String) throws {
    let result = try run("ip", arguments.split(separator: " ").map(String.init))
    guard result.status == 0 else { throw RunError(description: "ip \(arguments): \(result.err)") }
}

/// Asks again and again until it is so; false when it is not for very long.
func waits(until isSo: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<3000 {
        if try isSo() { return true }
        usleep(10_000)
    }
    return false
}

/// What a system call could not do.
@discardableResult
func check(_ result: Int, _ what: String) throws -> Int {
    guard result >= 0 else { throw RunError(description: "\(what): \(String(cString: strerror(errno)))") }
    return result
}
