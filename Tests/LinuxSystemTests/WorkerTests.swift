import Glibc
import Synchronization
import TestSupport
import Testing

/// Swift Testing reports a failure on a test's own thread under the test's name only if it knows there which test runs.
@Suite("Threads of tests")
struct WorkerTests {
    private static func name() -> String { Test.current?.name ?? "none" }

    @Test("know their test, and have a thread of their own")
    func worker() {
        let here = pthread_self()
        let seen = Mutex<[String]>([])
        Worker {
            seen.withLock { $0.append(Self.name()) }
            Worker { seen.withLock { $0.append(Self.name()) } }.join()
            if pthread_self() == here { seen.withLock { $0.append("the same thread") } }
        }.join()
        #expect(seen.withLock { $0 } == ["worker()", "worker()"])
    }

    @Test("know it in an arena and in another network, too", .enabled(if: Arena.isPossible, "takes root"))
    func namespaces() async throws {
        let seen = try await Arena.run {
            let inner = try NetworkNamespace(at: "/proc/thread-self/ns/net").run { Self.name() }
            return [Self.name(), inner]
        }
        #expect(seen == ["namespaces()", "namespaces()"])
    }
}
