internal import Glibc
package import LinuxSystem
package import WireGuardModel

/// A worker's own sockets. One of them may be missing: not every machine has both families.
package struct WorkerSockets: Sendable {
    package let v4: UDPSocket?
    package let v6: UDPSocket?

    /// No sockets: datagrams sent by them are lost.
    static let none = WorkerSockets(v4: nil, v6: nil)

    package init(v4: UDPSocket?, v6: UDPSocket?) { (self.v4, self.v6) = (v4, v6) }

    @inline(__always)
    package func socket(for family: IPAddress.Family) -> UDPSocket? { family == .v4 ? v4 : v6 }
}

/// The sockets of all workers on one port. The kernel gives all datagrams of one sender to one worker, and
/// spreads the senders.
package struct UDPSocketGroup: Sendable {
    package let port: UInt16
    package let workers: [WorkerSockets]

    /// Attempts to find a port that is free for both families.
    private static let attempts = 16

    /// Port 0 takes a free one. EADDRINUSE when another program is on the port, or another interface of ours.
    package init(
        workers count: Int, port: UInt16 = 0, mark: UInt32 = 0, joinsDatagrams: Bool = true
    ) throws(Errno) {
        let first = try Self.openFirst(port, joinsDatagrams: joinsDatagrams)
        self.port = try first.port
        var workers = [first]
        if count > 1 { try first.sharePort() }
        while workers.count < count {
            workers.append(try first.openAnother(on: self.port, joinsDatagrams: joinsDatagrams))
        }
        self.workers = workers
        if mark != 0 { try setMark(mark) }
    }

    /// At once on all sockets; 0 takes the mark away.
    package func setMark(_ mark: UInt32) throws(Errno) {
        for worker in workers {
            try worker.v4?.setMark(mark)
            try worker.v6?.setMark(mark)
        }
    }

    private static func openFirst(_ port: UInt16, joinsDatagrams: Bool) throws(Errno) -> WorkerSockets {
        for _ in 1..<attempts {
            do throws(Errno) {
                return try WorkerSockets(alone: port, joinsDatagrams: joinsDatagrams)
            } catch {
                // The port that the first family got may be taken in the second.
                guard port == 0, error.code == EADDRINUSE else { throw error }
            }
        }
        return try WorkerSockets(alone: port, joinsDatagrams: joinsDatagrams)
    }
}

extension WorkerSockets {
    /// The only ones on the port, which is the same for both.
    fileprivate init(alone port: UInt16, joinsDatagrams: Bool) throws(Errno) {
        v4 = try openIfSupported(.v4, port, joinsDatagrams)
        v6 = try openIfSupported(.v6, try v4?.port ?? port, joinsDatagrams)
        if v4 == nil, v6 == nil { throw Errno(EAFNOSUPPORT) }
    }

    fileprivate var port: UInt16 { get throws(Errno) { try (v4 ?? v6)!.port } }

    fileprivate func sharePort() throws(Errno) {
        try v4?.sharePort()
        try v6?.sharePort()
    }

    fileprivate func openAnother(on port: UInt16, joinsDatagrams: Bool) throws(Errno) -> WorkerSockets {
        WorkerSockets(
            v4: v4 == nil ? nil : try UDPSocket(.v4, port: port, sharesPort: true, joinsDatagrams: joinsDatagrams),
            v6: v6 == nil ? nil : try UDPSocket(.v6, port: port, sharesPort: true, joinsDatagrams: joinsDatagrams))
    }
}

private func openIfSupported(
    _ family: IPAddress.Family, _ port: UInt16, _ joinsDatagrams: Bool
) throws(Errno) -> UDPSocket? {
    do throws(Errno) {
        return try UDPSocket(family, port: port, joinsDatagrams: joinsDatagrams)
    } catch {
        if error.code == EAFNOSUPPORT { return nil }
        throw error
    }
}
