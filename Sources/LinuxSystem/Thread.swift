internal import CLinux
internal import Glibc

/// A POSIX thread that runs `body` to its end. It blocks all signals but SIGSYS: the main thread handles them. A thread
/// that is never joined is detached.
package struct Thread: ~Copyable, Sendable {
    private let handle: pthread_t

    /// The kernel shows at most 15 bytes of `name`.
    package init(name: StaticString, _ body: @escaping @Sendable () -> Void) throws(Errno) {
        let box = Unmanaged.passRetained(Body(name: name, body))
        var handle = pthread_t()
        let failure = withSignalsBlocked {
            pthread_create(&handle, nil, { Thread.run($0!) }, box.toOpaque())
        }
        guard failure == 0 else {
            box.release()
            throw Errno(failure)
        }
        self.handle = handle
    }

    deinit { pthread_detach(handle) }

    /// Waits for its end.
    package consuming func join() {
        let handle = handle
        discard self
        pthread_join(handle, nil)
    }

    /// Lets others run that wait for the processor, if any do.
    package static func yield() { sched_yield() }

    private static func run(_ box: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        // A reference that is gone before the thread ends: the body may own what must be closed by then.
        Unmanaged<Body>.fromOpaque(box).takeRetainedValue().run()
        return nil
    }

    private final class Body: Sendable {
        private let name: StaticString
        private let body: @Sendable () -> Void

        init(name: StaticString, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }

        func run() {
            // The thread names itself: naming another one needs a file of /proc, which a sandbox may forbid.
            clinux_name_thread(pthread_self(), UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self))
            body()
        }
    }
}

/// A thread inherits the mask of the one that starts it, so that no signal can come in between.
private func withSignalsBlocked(_ start: () -> CInt) -> CInt {
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    // seccomp raises it in the thread that makes a refused call.
    sigdelset(&all, SIGSYS)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return start()
}
