package import LinuxSystem
package import WireGuardModel

/// A tunnel as its socket shows it to `wg`. Called from any thread.
package protocol TunnelControl: Sendable {
    /// Everything there is to say about it now. Allowed-ips are without bits behind their prefix, as other
    /// daemons show them.
    func device() -> Device

    /// Makes the changes in their order: of two that name the same peer, the second one finds what the first
    /// one left. A peer with the interface's own public key is passed over. Where it throws, for one because
    /// the new port is taken, nothing has changed.
    func apply(_ update: DeviceUpdate) throws(Errno)
}

/// A tunnel as the daemon runs it: open, and nothing more, until it is started.
package protocol DaemonTunnel: TunnelControl {
    /// The interface's name, with the number that the kernel chose for a pattern.
    var name: InterfaceName { get }

    /// The number of threads that carry packets, each with descriptors of its own.
    var workerCount: Int { get }

    /// Starts its threads.
    func start() throws(Errno)

    /// A descriptor that becomes readable when the tunnel is over by itself: its interface is gone, or a thread
    /// of it cannot go on, which it has logged.
    var end: CInt { get }

    /// Ends its threads and lets go of its interface and ports. Also for one that never started.
    func stop()
}
