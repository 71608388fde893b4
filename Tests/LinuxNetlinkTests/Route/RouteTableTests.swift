import ByteText
import Foundation
import LinuxNetlink
import TestSupport
import Testing

@Suite(.enabled(if: Arena.isPossible, "takes root, or a user namespace")) struct RouteTableTests {
    private static let names = """
        # reserved
        255\tlocal
        254 main
        0x12c hexadecimal
          300 indented
        301\t \ttabbed # and a comment
        #302 commented
        2147483647 last
        """

    private static let written = [
        "local", "main", "default", "hexadecimal", "tabbed", "commented", "last", "added", "unread", "absent", "Main",
        "254", "51820", "0xca6c", "0XCA6C", "0100", "09", "0x", "0xg", "4294967295", "4294967296", "040000000000", "-1",
        "1 ",
        "1a", "",
    ]

    /// `ip` has its own folder there, which only this test's thread and its programs see otherwise.
    @Test func tablesAreThoseOfIP() async throws {
        try await Stage.run { stage in
            try Self.layOut("/etc/iproute2")
            for written in Self.written {
                let result = try TestSupport.run("ip", ["route", "add", "10.0.0.0/8", "dev", "end", "table", written])
                let added = try stage.conversation.routes(.v4, table: nil, device: stage.end)
                    .first { $0.destination.prefixLength == 8 && $0.destination.address.low == 0x0a00_0000 }
                #expect(result.status == 0 || added == nil)
                #expect(RouteTable.number(of: ByteString(written)) == added?.table, "\(written)")
                if let added { try stage.conversation.removeRoute(added) }
            }
        }
    }

    private static func layOut(_ folder: String) throws {
        let result = try TestSupport.run("mount", ["-t", "tmpfs", "names", folder])
        guard result.status == 0 else { throw RunError(description: result.err) }
        try names.write(toFile: folder + "/rt_tables", atomically: false, encoding: .utf8)
        try FileManager.default.createDirectory(atPath: folder + "/rt_tables.d", withIntermediateDirectories: false)
        try "400 added\n".write(toFile: folder + "/rt_tables.d/one.conf", atomically: false, encoding: .utf8)
        try "500 unread\n".write(toFile: folder + "/rt_tables.d/README", atomically: false, encoding: .utf8)
    }

    @Test func withoutFilesTheReservedNamesAreKnown() {
        let nowhere: [ByteString] = ["/no/such/folder"]
        #expect(["main", "local", "default"].map { RouteTable.number(of: $0, in: nowhere) } == [254, 255, 253])
        #expect(RouteTable.number(of: "vpn", in: nowhere) == nil)
    }

    @Test func firstFolderThatHasTheNameCounts() throws {
        let folder = try makeTemporaryFolder("tables")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, number) in [("one", 1), ("two", 2)] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: false)
            let text = "\(number) both\n\(number)0 only-\(name)\n"
            try text.write(toFile: "\(folder)/\(name)/rt_tables", atomically: false, encoding: .utf8)
        }
        let folders = ["one", "two"].map { ByteString("\(folder)/\($0)") }
        let wanted: [ByteString] = ["both", "only-one", "only-two"]
        #expect(wanted.map { RouteTable.number(of: $0, in: folders) } == [1, 10, 20])
    }
}
