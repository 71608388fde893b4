import ByteText
import LinuxNetlink
import TestSupport
import Testing

@Suite("Tables of nftables", .enabled(if: Arena.isPossible, "takes root, or a user namespace"))
struct PacketFilterTableTests {
    @Test("are told as nft tells them, in every family, however many")
    func listing() async throws {
        try await Arena.run {
            #expect(try PacketFilterTable.all() == [])
            let families = ["ip", "ip6", "inet", "arp", "bridge", "netdev"]
            let script = (0..<1200).map { "add table \(families[$0 % 6]) table-\($0)\n" }.joined()
            #expect(try run("nft", ["-f", "-"], input: Array(script.utf8)).status == 0)
            let told = try run("nft", ["list", "tables"]).out.split(separator: "\n").map { line in
                line.split(separator: " ").dropFirst().map(String.init)
            }
            let read = try PacketFilterTable.all().map { [$0.family.description, $0.name.description] }
            #expect(read.count == 1200)
            #expect(Set(read) == Set(told))
        }
    }
}
