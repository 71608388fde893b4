import Glibc

/// Where the tests find things. Every place can be set by an environment variable.
package enum Places {
    /// The checkout that these tests were built from.
    package static let root = String(#filePath.dropLast("/Tests/TestSupport/Places.swift".count))

    /// Our `wg` under test: `WG_UNDER_TEST`, else the release build's, else the debug build's.
    package static let wg = environment("WG_UNDER_TEST") ?? built("wg")

    /// Our daemon under test: `DAEMON_UNDER_TEST`, else the release build's, else the debug build's.
    package static let daemon = environment("DAEMON_UNDER_TEST") ?? built("wireguard-swift")

    /// Our `wg-quick` under test: `QUICK_UNDER_TEST`, else the release build's, else the debug build's.
    package static let quick = environment("QUICK_UNDER_TEST") ?? built("wg-quick")

    /// Folder with the newest reference programs and kernels, as `Tests/Peers/fetch` lays it out.
    package static let peers = environment("WIREGUARD_PEERS") ?? root + "/.build/peers"

    package static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func built(_ name: String) -> String {
        let release = root + "/.build/release/" + name
        return exists(release) ? release : root + "/.build/debug/" + name
    }
}
