import TestSupport

/// An empty folder to install below, gone with this.
final class Prefix {
    let folder: String

    var units: String { folder + "/lib/systemd/system" }

    init() throws { folder = try makeTemporaryFolder("prefix") }

    deinit { _ = try? shell(#"rm -r "$0""#) }

    /// Makes one of the Makefile's targets.
    func make(_ target: String) throws {
        try shell("make --no-print-directory -C '\(Places.root)' \(target) PREFIX=\"$0\" DESTDIR=")
    }

    /// Runs a line that must succeed, with the folder as $0.
    @discardableResult
    func shell(_ line: String, input: String = "") throws -> String {
        let result = try run("bash", ["-c", line, folder], input: Array(input.utf8))
        guard result.status == 0 else { throw RunError(description: line + ": " + result.out + result.err) }
        return result.out
    }
}
