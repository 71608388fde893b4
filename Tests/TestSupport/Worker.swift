import Glibc
import Synchronization

/// A thread of its own for work that blocks, or that must not share its namespaces with the other tests.
///
/// The work is a task, which inherits the task-local values of its creator. Among them is the running test of Swift
/// Testing, which reports a failure in a worker under the name of its test.
package struct Worker: Sendable {
    private let thread: OwnThread

    package init(_ work: @escaping @Sendable () -> Void) {
        let thread = OwnThread()
        self.thread = thread
        Task(executorPreference: thread) {
            work()
            thread.finish()
        }
    }

    /// Waits for the end of the work; once. It blocks the calling thread, unlike awaiting a task.
    package func join() { thread.join() }

    /// Lets the work run, instead of waiting for it.
    package func detach() { thread.detach() }
}

/// An executor for one task, on a thread that ends with it.
private final class OwnThread: TaskExecutor {
    private let handle: Mutex<pthread_t>
    private let queue = JobQueue()

    init() {
        var handle = pthread_t()
        let box = Unmanaged.passRetained(queue).toOpaque()
        let failure = pthread_create(
            &handle, nil,
            { box in
                let queue = Unmanaged<JobQueue>.fromOpaque(box!).takeRetainedValue()
                while let (job, executor) = queue.next() { job.runSynchronously(on: executor) }
                return nil
            }, box)
        precondition(failure == 0, "pthread_create: \(failure)")
        self.handle = Mutex(handle)
    }

    func enqueue(_ job: consuming ExecutorJob) { queue.add(UnownedJob(job), for: asUnownedTaskExecutor()) }

    func finish() { queue.close() }

    func join() { pthread_join(handle.withLock { $0 }, nil) }

    func detach() { pthread_detach(handle.withLock { $0 }) }
}

/// The jobs of a thread, first in, first out.
private final class JobQueue: Sendable {
    private struct State {
        var jobs: [(UnownedJob, UnownedTaskExecutor)] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let semaphore = Semaphore()

    func add(_ job: UnownedJob, for executor: UnownedTaskExecutor) {
        state.withLock { $0.jobs.append((job, executor)) }
        semaphore.post()
    }

    func close() {
        state.withLock { $0.isClosed = true }
        semaphore.post()
    }

    /// Waits for the next job; nil after `close`.
    func next() -> (UnownedJob, UnownedTaskExecutor)? {
        while true {
            let (job, isClosed) = state.withLock { state in
                (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isClosed)
            }
            if let job { return job }
            if isClosed { return nil }
            semaphore.wait()
        }
    }
}

/// A sem_t, which must not move in memory.
private final class Semaphore: @unchecked Sendable {
    private let memory = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(memory, 0, 0) }

    deinit {
        sem_destroy(memory)
        memory.deallocate()
    }

    func post() { sem_post(memory) }

    func wait() { while sem_wait(memory) != 0 && errno == EINTR {} }
}
