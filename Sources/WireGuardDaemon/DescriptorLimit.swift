internal import Glibc
package import LinuxSystem

/// How many descriptors the process may have open, and who gets how many of them.
package enum DescriptorLimit {
    /// Raises it to what the administrator allows. Where that fails we do with what there is.
    package static func raise() {
        var limit = current
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    package static var count: Int { Int(clamping: current.rlim_cur) }

    private static var current: rlimit {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return limit
    }

    // MARK: Shares

    /// UDP sockets of a worker, of both families: while the port changes, those of the old one are open, too.
    private static let socketsOfWorker = 4
    /// With its TUN queue, its epoll and what wakes it.
    private static let descriptorsOfWorker = socketsOfWorker + 3
    /// What the daemon has once, and some to spare.
    private static let descriptorsOfDaemon = 32
    private static let leastClients = 8

    /// At most so many workers leave room for a change of the port and for clients, if `limit` descriptors may be open.
    /// At least 1.
    package static func mostWorkers(of limit: Int) -> Int {
        max((limit - descriptorsOfDaemon - leastClients) / descriptorsOfWorker, 1)
    }

    /// So many clients of the control socket leave to `workers` what they need.
    package static func mostClients(of limit: Int, beside workers: Int) -> Int {
        max(limit - descriptorsOfDaemon - workers * descriptorsOfWorker, leastClients)
    }

    /// Throws EMFILE unless there is room for what `workers` open later, and two more. Call it when all else is open.
    package static func checkRoom(for workers: Int) throws(Errno) {
        var taken: [CInt] = []
        defer { for descriptor in taken { close(descriptor) } }
        for _ in 0..<(workers * socketsOfWorker + 2) {
            taken.append(try syscall { fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) })
        }
    }
}
