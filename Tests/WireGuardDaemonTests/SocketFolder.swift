import ByteText
import Glibc
import LinuxSystem
import TestSupport
import WireGuardDaemon
import WireGuardModel

/// A folder of its own for the sockets of one test; it does not exist yet.
final class SocketFolder {
    private let parent: String
    let path: String

    init() throws {
        parent = try makeTemporaryFolder("daemon")
        path = parent + "/wireguard"
    }

    deinit { _ = try? run("rm", ["-r", parent]) }

    func socket(_ name: String) -> String { "\(path)/\(name).sock" }

    func place(_ name: String) -> ControlSocketPlace {
        ControlSocketPlace(of: InterfaceName(ByteString(name)), in: ByteString(path))
    }

    /// Makes the folder as well.
    func listen(_ name: String) throws -> ControlSocket { try place(name).claim().listen() }

    func names() throws -> [String] { try FileSystem.entries(of: ByteString(path)).map(\.description).sorted() }

    /// Permission bits.
    static func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }
}

/// A server of a fake tunnel.
final class Served {
    let folder: SocketFolder
    let tunnel: FakeTunnel
    let server: UAPIServer
    let path: String

    init(peers: Int = 0, mostClients: Int? = nil) throws {
        folder = try SocketFolder()
        tunnel = FakeTunnel(peers: peers)
        path = folder.socket("wg0")
        let socket = try folder.listen("wg0")
        server = try UAPIServer(
            on: socket.takeListener(), about: InterfaceName("wg0"), with: tunnel, log: Log(.silent, name: "wg0"),
            mostClients: mostClients)
        try server.start()
    }

    deinit { server.stop() }

    func call() throws -> Caller { try Caller(path) }
}
