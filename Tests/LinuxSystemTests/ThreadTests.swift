import Glibc
import LinuxSystem
import Synchronization
import Testing

@Suite struct ThreadTests {
    @Test func runsItsBodyUnderItsName() throws {
        let name = Mutex("")
        let isNamed = Mutex(())
        let thread = try isNamed.withLock { _ in
            try Thread(name: "a worker") {
                // A thread may begin before it is named; the name is there when `init` returns.
                isNamed.withLock { _ in }
                let comm = try? String(contentsOf: "/proc/thread-self/comm")
                name.withLock { $0 = comm ?? "unread" }
            }
        }
        thread.join()
        #expect(name.withLock { $0 } == "a worker")
    }

    @Test func allSignalsAreBlockedInItAndNotHere() throws {
        var before = sigset_t()
        pthread_sigmask(SIG_SETMASK, nil, &before)
        let blocked = Mutex<[CInt]>([])
        let thread = try Thread(name: "masked") {
            var mask = sigset_t()
            pthread_sigmask(SIG_SETMASK, nil, &mask)
            blocked.withLock {
                $0 = [SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGUSR1].filter { sigismember(&mask, $0) == 1 }
            }
        }
        thread.join()
        #expect(blocked.withLock { $0 } == [SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGUSR1])
        var after = sigset_t()
        pthread_sigmask(SIG_SETMASK, nil, &after)
        #expect((1..<32).allSatisfy { sigismember(&before, $0) == sigismember(&after, $0) })
    }

    /// What the body owns is gone when the join returns.
    @Test func bodyIsReleasedAtTheEnd() throws {
        final class Owned: Sendable {
            let isGone: Flag
            init(_ isGone: Flag) { self.isGone = isGone }
            deinit { isGone.value.store(true, ordering: .releasing) }
        }
        final class Flag: Sendable {
            let value = Atomic(false)
        }
        let flag = Flag()
        let thread = try { [owned = Owned(flag)] in try Thread(name: "owner") { _ = owned } }()
        thread.join()
        let isGone = flag.value.load(ordering: .acquiring)
        #expect(isGone)
    }

    @Test func signalIsReadInsteadOfDelivered() throws {
        let read = Mutex<[CInt?]>([])
        let thread = try Thread(name: "signals") {
            guard let signals = try? SignalFD([SIGUSR1, SIGUSR2]) else { return }
            let none = signals.read()
            pthread_kill(pthread_self(), SIGUSR2)
            let (first, then) = (signals.read(), signals.read())
            read.withLock { $0 = [none, first, then] }
        }
        thread.join()
        #expect(read.withLock { $0 } == [nil, SIGUSR2, nil])
    }
}

extension String {
    fileprivate init(contentsOf path: String) throws {
        let file = fopen(path, "r")
        defer { if let file { fclose(file) } }
        var line = [CChar](repeating: 0, count: 64)
        guard let file, fgets(&line, 64, file) != nil else { throw Errno.last }
        self = String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
