import TestSupport
import Testing

/// One after the other: each keeps the machine busy.
@Suite("Hostile network", .serialized, .enabled(if: Needs.areMet, Needs.obstacle))
enum HostileNetwork {}

enum Needs {
    static let areMet = obstacle.rawValue.isEmpty

    /// What is missing.
    static let obstacle: Comment = {
        if !Places.exists("/dev/net/tun") { return "needs /dev/net/tun" }
        if !Places.exists(Places.daemon) || !Places.exists(Places.wg) { return "needs our daemon and our wg" }
        return Arena.isPossible ? "" : "needs root, or a user namespace around it"
    }()
}
