import TestSupport
import Testing

/// The systemd units as `make install` puts them.
@Suite("systemd units")
struct UnitTests {
    @Test(
        "are what systemd understands, and name the installed program; so is the one in wireguard-ha(7)",
        .enabled(if: Places.exists("/usr/bin/systemd-analyze"), "needs systemd"))
    func verified() throws {
        let prefix = try Prefix()
        try prefix.make("install-units")
        try prefix.shell(#"mkdir "$0/bin" && ln -s /bin/true "$0/bin/wg-quick""#)
        let recipe = try Recipe(page: "wireguard-ha.7", section: "ONE INTERFACE")
        let unit = try #require(recipe.files(of: "client").first { $0.path.hasSuffix("/follow-heads.service") })
        try prefix.shell(#"cat >"$0/lib/systemd/system/follow-heads.service""#, input: unit.text)
        let units = Self.units.map { $0.replacing("@.", with: "@wg0.") } + ["follow-heads.service"]
        let result = try run(
            "systemd-analyze", ["verify", "--man=no"] + units,
            environment: ["PATH": "/usr/bin:/bin", "SYSTEMD_UNIT_PATH": prefix.units + ":"])
        #expect(result.out + result.err == "")
        #expect(result.status == 0)
    }

    @Test("there are no others")
    func complete() throws {
        let prefix = try Prefix()
        try prefix.make("install-units")
        #expect(try prefix.shell(#"ls "$0/lib/systemd/system""#).split(separator: "\n").map(String.init) == Self.units)
    }

    /// What depends on them, or is ordered by them, goes on to do so.
    @Test("have their place in the start of a machine where Debian's have it", arguments: Self.debians)
    func asDebians(_ unit: String) throws {
        let prefix = try Prefix()
        try prefix.make("install-units")
        let ours = try Settings(ofUnitAt: prefix.units + "/" + unit)
        let debians = try Settings(ofUnitAt: Self.debiansFolder + unit)
        for (key, values) in debians.values where !Self.worded.contains(where: key.hasPrefix) {
            #expect(ours.values[key] == values, "\(key)")
        }
    }

    private static let units = [
        "wg-quick-reresolve@.service", "wg-quick-reresolve@.timer", "wg-quick.target", "wg-quick@.service",
    ]

    private static let debiansFolder = "/lib/systemd/system/"
    private static let debians = units.filter { Places.exists(debiansFolder + $0) }

    /// Settings that are each maker's own.
    private static let worded = ["Description", "Documentation", "Exec"]
}

/// The words of each setting of a unit, whatever their order.
private struct Settings {
    private(set) var values: [String: Set<String>] = [:]

    init(ofUnitAt path: String) throws {
        for line in try run("cat", [path]).out.split(separator: "\n") where !line.hasPrefix("#") {
            let sides = line.split(separator: "=", maxSplits: 1)
            guard sides.count == 2 else { continue }
            values[String(sides[0]), default: []].formUnion(sides[1].split(separator: " ").map(String.init))
        }
    }
}
