import ByteText
import Glibc
import TestSupport
import Testing
import WireGuardModel
import WireGuardQuick

@Suite("The name of an interface or file")
struct FileNameTests {
    private let stage: FileStage

    init() throws { stage = try FileStage() }

    private func failure(_ argument: String) -> String? {
        do throws(QuickFailure) {
            _ = try ConfigurationName(ByteString(argument), folder: ByteString(stage.folder))
            return nil
        } catch {
            return error.description
        }
    }

    @Test("a name means the file of that name in the folder")
    func name() throws {
        let path = try stage.put("", "wg0.conf")
        let name = try ConfigurationName("wg0", folder: ByteString(stage.folder))
        #expect(name.interface == InterfaceName("wg0") && name.path == ByteString(path))
        #expect(name.warning == nil)
    }

    @Test("fifteen characters are a name, sixteen are not")
    func length() throws {
        let (fifteen, sixteen) = (String(repeating: "a", count: 15), String(repeating: "a", count: 16))
        try stage.put("", fifteen + ".conf")
        try stage.put("", sixteen + ".conf")
        #expect(failure(fifteen) == nil)
        #expect(failure(stage.folder + "/\(fifteen).conf") == nil)
        #expect(failure(sixteen) == "`\(sixteen)' does not exist")
        #expect(
            failure(stage.folder + "/\(sixteen).conf")
                == "The config file must be a valid interface name, followed by .conf")
    }

    @Test("every character that a name may have, and some that it may not")
    func characters() throws {
        try stage.put("", "aZ09_=+.-.conf")
        #expect(failure("aZ09_=+.-") == nil)
        for name in ["a b", "a;b", "a%i", "ä", "a@b", ""] {
            try stage.put("", name + ".conf")
            #expect(failure(name) == "`\(name)' does not exist")
            #expect(failure("\(stage.folder)/\(name).conf")?.hasPrefix("The config file must be") == true, "\(name)")
        }
    }

    @Test("what is not there is told by its path")
    func missing() {
        #expect(failure("wg9") == "`\(stage.folder)/wg9.conf' does not exist")
        #expect(failure("./wg9.conf") == "`./wg9.conf' does not exist")
        #expect(failure("--help") == "`\(stage.folder)/--help.conf' does not exist")
        #expect(failure("a\u{0}/wg0.conf")?.hasSuffix("does not exist") == true)
    }

    @Test("what cannot be reached is told as such, not as missing")
    func unreachable() throws {
        try stage.put("", "wg0.conf")
        symlink("loop", stage.folder + "/loop")
        symlink("wg1.conf", stage.folder + "/wg1.conf")
        let long = stage.folder + "/" + String(repeating: "a", count: 300) + "/wg0.conf"
        for (path, reason) in [
            (stage.folder + "/wg0.conf/wg0.conf", "Not a directory"),
            (stage.folder + "/loop/wg0.conf", "Too many levels of symbolic links"),
            (stage.folder + "/wg1.conf", "Too many levels of symbolic links"), (long, "File name too long"),
        ] {
            #expect(failure(path)?.hasPrefix("Unable to read `") == true, "\(path)")
            #expect(failure(path)?.hasSuffix(": \(reason)") == true, "\(path)")
        }
    }

    @Test("a pipe, as <(command) makes it, has no name for an interface, and is not missing")
    func pipe() throws {
        var ends: [Int32] = [0, 0]
        #expect(Glibc.pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        #expect(
            failure("/dev/fd/\(ends[0])") == "The config file must be a valid interface name, followed by .conf")
    }

    @Test("a file that does not end in .conf is none, however it looks else")
    func suffix() throws {
        for name in ["wg0.config", "wg0.CONF", "conf"] {
            try stage.put("", name)
            #expect(failure("\(stage.folder)/\(name)")?.hasPrefix("The config file must be") == true, "\(name)")
        }
    }

    @Test("a link gives the name, what it leads to the path")
    func link() throws {
        let path = try stage.put("", "server.conf")
        symlink("server.conf", stage.folder + "/wg1.conf")
        let name = try ConfigurationName("wg1", folder: ByteString(stage.folder))
        #expect(name.interface == InterfaceName("wg1") && name.path == ByteString(path))
    }

    @Test("there is a warning where both the file and its folder are open to others")
    func warning() throws {
        let path = try stage.put("", "wg0.conf", mode: 0o604)
        let name = try ConfigurationName("wg0", folder: ByteString(stage.folder))
        #expect(name.warning == nil, "the folder is closed")
        chmod(stage.folder, 0o755)
        #expect(name.warning == "Warning: `\(path)' is world accessible")
        chmod(path, 0o601)
        #expect(name.warning != nil)
        chmod(path, 0o640)
        #expect(name.warning == nil)
    }

    @Test("the reference finds the same names and says the same", .enabled(if: ReferenceQuick.isThere && getuid() == 0))
    func reference() throws {
        var names = [String(repeating: "x", count: 15), String(repeating: "x", count: 16), "a b", "a.b", "=", "wg0"]
        names += ["../wg0", "", ".", "x;y"]
        for name in names where !name.contains("/") { try stage.put("", name + ".conf") }
        for path in names.map({ "\(stage.folder)/\($0).conf" }) + names.map({ "\(stage.folder)/\($0)" }) {
            let theirs = try ReferenceQuick.run(["strip", path])
            let ours = failure(path)
            #expect((ours.map { "wg-quick: \($0)\n" } ?? "") == theirs.err)
            #expect((ours == nil) == (theirs.status == 0), "\(path)")
        }
    }
}
