import Glibc

/// A thread of its own for work that blocks, or that must not share its namespaces with the other tests.
package struct Worker: Sendable {
    private let thread: pthread_t

    package init(_ work: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Work(work)).toOpaque()
        let failure = pthread_create(
            &thread, nil,
            { box in
                Unmanaged<Work>.fromOpaque(box!).takeRetainedValue().body()
                return nil
            }, box)
        precondition(failure == 0, "pthread_create: \(failure)")
        self.thread = thread
    }

    /// Waits for the end of the work; once.
    package func join() { pthread_join(thread, nil) }

    /// Leaves it alone, instead of waiting.
    package func detach() { pthread_detach(thread) }
}

private final class Work {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
