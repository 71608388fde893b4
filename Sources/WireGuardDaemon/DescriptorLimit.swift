internal import Glibc
package import LinuxSystem

/// The limit on the process's open descriptors, and each part's share of it.
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

    /// UDP sockets of a worker, for both families: while the port changes, the old port's are open, too.
    private static let socketsOfWorker = 4
    /// Adds a worker's TUN queue, epoll and eventfd.
    private static let descriptorsOfWorker = socketsOfWorker + 3
    /// Descriptors that the daemon has once, with some to spare.
    private static let descriptorsOfDaemon = 32
    private static let leastClients = 8

    /// The most workers for which a limit of open descriptors leaves room to change the port and to serve clients. At
    /// least 1.
    package static func mostWorkers(of limit: Int) -> Int {
        max((limit - descriptorsOfDaemon - leastClients) / descriptorsOfWorker, 1)
    }

    /// The most clients of the control socket for which the limit leaves `workers` their descriptors.
    package static func mostClients(of limit: Int, beside workers: Int) -> Int {
        max(limit - descriptorsOfDaemon - workers * descriptorsOfWorker, leastClients)
    }

    /// Throws EMFILE without room for a new port's sockets and two more descriptors. Call it when all else is open.
    package static func checkRoom(for workers: Int) throws(Errno) {
        var taken: [CInt] = []
        defer { for descriptor in taken { close(descriptor) } }
        for _ in 0..<(workers * socketsOfWorker + 2) {
            taken.append(try syscall { fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) })
        }
    }
}
