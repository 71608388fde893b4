import CLinux
import Glibc
import Synchronization

/// A thread that alone with its programs sees /var/run/wireguard, and no network but an idle loopback.
///
/// Namespaces belong to threads: those of the other tests, and the machine, notice nothing.
package enum Arena {
    package static let sockets = "/var/run/wireguard"
    /// The working directory.
    package static let files = "/var/run/files"

    /// Runs `body` in an arena of its own, with both folders empty.
    package static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            Worker {
                continuation.resume(
                    with: Swift.Result {
                        try enter()
                        return try body()
                    })
            }.detach()
        }
    }

    /// Whether this machine lets us: it takes root, or a user namespace around the tests.
    package static let isPossible: Bool = {
        let entered = Mutex(false)
        Worker { entered.withLock { $0 = (try? enter()) != nil } }.join()
        return entered.withLock { $0 }
    }()

    private static func enter() throws {
        try check(unshare(CInt(CLONE_NEWNS) | CInt(CLONE_NEWNET)), "unshare")
        try check(mount(nil, "/", nil, UInt(MS_REC | MS_PRIVATE), nil), "mount --make-rprivate /")
        try check(mount("arena", "/var/run", "tmpfs", 0, "mode=755"), "mount /var/run")
        for folder in [sockets, files] { try check(mkdir(folder, 0o755), folder) }
        try check(chdir(files), files)
    }
}

private func check(_ result: CInt, _ what: String) throws {
    guard result == 0 else { throw RunError(description: "\(what): \(String(cString: strerror(errno)))") }
}
