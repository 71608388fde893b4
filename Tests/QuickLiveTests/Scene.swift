import Glibc
import TestSupport

/// A machine apart on which scripts are played, in the words of the file `scene`.
enum Scene {
    static let isPossible = geteuid() == 0 && Places.exists("/dev/net/tun") && Places.exists(Places.quick)

    /// The output of the script, which has `timeout` seconds and runs on a thread that may block.
    static func play(_ script: String, timeout: Int = 240) async throws -> String {
        let result = await withCheckedContinuation { continuation in
            Worker {
                continuation.resume(returning: Result { try run("unshare", arguments(script), timeout: timeout) })
            }.detach()
        }
        let outcome = try result.get()
        guard outcome.status == 0 else {
            throw RunError(description: "the scene ended with status \(outcome.status): \(outcome.out)\(outcome.err)")
        }
        return outcome.out
    }

    private static func arguments(_ script: String) -> [String] {
        let namespaces = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        let scene = Places.root + "/Tests/QuickLiveTests/scene"
        return namespaces + ["bash", scene, Places.quick, Places.wg, Places.daemon, script + "\nexit 0"]
    }
}

/// Keys of nobody.
enum Key {
    static let own = "oK56DE9Ue9zK76rAc8pBl6opph+1v36lm7cXXsQKrQM="
    static let peers = [
        "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=", "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=",
        "gN65BkIKy1eCE9pP1wdc8ROUtkHLF2PfAqYdyYBz6EA=",
    ]
    static let preshared = "/UwcSPg38hW/D9Y3tcS1FOV0K1wuURMbS0sesJEP5ak="
}

/// The command that writes a file of /etc/wireguard, or of the path given.
func write(_ name: String, _ text: String) -> String {
    "printf '%s\\n' '\(text.replacing("'", with: "'\\''"))' >'\(name)'"
}
