import Synchronization
import TestSupport
import Testing

/// Work of minutes that mostly waits. It begins before the first of all tests, on a thread of its own, so that
/// when its test looks for the outcome others have used the time.
final class EarlyStart: TestTrait {
    private let work: @Sendable () throws -> Void
    private let progress = Mutex(Progress.waiting(whoAsks: []))

    private enum Progress {
        case waiting(whoAsks: [CheckedContinuation<Void, any Error>])
        case ended(Result<Void, any Error>)
    }

    init(_ work: @escaping @Sendable () throws -> Void) { self.work = work }

    func prepare(for test: Test) {
        guard Laboratory.isOpen else { return }
        _ = Worker { [self] in
            let result = Result { try work() }
            let asking = progress.withLock { progress -> [CheckedContinuation<Void, any Error>] in
                defer { progress = .ended(result) }
                if case .waiting(let whoAsks) = progress { return whoAsks }
                return []
            }
            for continuation in asking { continuation.resume(with: result) }
        }
    }

    /// Waits for the end of the work, and throws what it threw.
    func outcome() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let result = progress.withLock { progress -> Result<Void, any Error>? in
                switch progress {
                case .ended(let result): return result
                case .waiting(let whoAsks):
                    progress = .waiting(whoAsks: whoAsks + [continuation])
                    return nil
                }
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
