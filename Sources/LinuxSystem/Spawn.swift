internal import ByteText
internal import Glibc

/// posix_spawn(3) with what it is to do to the child's standard streams.
struct Spawn: ~Copyable {
    private var actions = posix_spawn_file_actions_t()

    init() { posix_spawn_file_actions_init(&actions) }

    deinit {
        var actions = actions
        posix_spawn_file_actions_destroy(&actions)
    }

    /// `source` must stay open until the start.
    mutating func redirect(_ stream: CInt, to source: CInt) throws(Errno) {
        try check(posix_spawn_file_actions_adddup2(&actions, source, stream))
    }

    mutating func redirectToNull(_ stream: CInt) throws(Errno) {
        try check(posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0))
    }

    /// `environment` is all that the program gets; nil is our own.
    mutating func start(_ arguments: [ByteString], environment: [ByteString]?) throws(Errno) -> CInt {
        let argv = UnsafeStringList(arguments)
        guard let environment else { return try start(argv, environ) }
        let envp = UnsafeStringList(environment)
        return try start(argv, envp.pointers)
    }

    private mutating func start(
        _ argv: borrowing UnsafeStringList, _ envp: UnsafeStringList.Pointers
    ) throws(Errno) -> CInt {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Our threads block all signals, and a mask is inherited: the program could not be ended by any.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var pid = pid_t()
        try check(posix_spawnp(&pid, argv.first, &actions, &attributes, argv.pointers, envp))
        return pid
    }
}

/// This family of functions returns what others put into errno.
private func check(_ result: CInt) throws(Errno) {
    guard result == 0 else { throw Errno(result) }
}

/// Strings of C's with a null pointer behind the last, as long as this lives.
private struct UnsafeStringList: ~Copyable {
    typealias Pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

    let pointers: Pointers
    private let count: Int

    var first: UnsafeMutablePointer<CChar> { pointers[0]! }

    init(_ strings: [ByteString]) {
        count = strings.count
        pointers = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() {
            pointers.advanced(by: index).initialize(to: string.withCString { strdup($0) })
        }
        pointers.advanced(by: count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { free(pointers[index]) }
        pointers.deallocate()
    }
}
