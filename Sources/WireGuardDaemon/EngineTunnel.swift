internal import LinuxSystem
internal import WireGuardEngine
internal import WireGuardModel

/// The engine as the daemon runs it.
enum EngineTunnel {
    /// Makes the interface, or takes over that of WG_TUN_FD.
    static func open(_ options: Options, _ log: Log) throws(DaemonFailure) -> any DaemonTunnel {
        throw .noInterface(.other(options.interface, .notSupported))
    }
}
