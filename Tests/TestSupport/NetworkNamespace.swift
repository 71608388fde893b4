import CLinux
import Glibc
import Synchronization

/// A network that a file stands for.
package struct NetworkNamespace: Sendable {
    private let path: String

    package init(at path: String) { self.path = path }

    /// Runs `body` on a thread whose network it is. Sockets made there stay there, whoever uses them.
    package func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result {
        let outcome = Mutex<Swift.Result<Result, any Error>?>(nil)
        Worker { [self] in
            let result = Swift.Result {
                try enter()
                return try body()
            }
            outcome.withLock { $0 = result }
        }.join()
        return try outcome.withLock { $0! }.get()
    }

    private func enter() throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw RunError(description: "\(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        guard setns(file, CInt(CLONE_NEWNET)) == 0 else {
            throw RunError(description: "setns \(path): \(String(cString: strerror(errno)))")
        }
    }
}
