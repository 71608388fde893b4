import LinuxNetlink
import LinuxSystem
import TestSupport
import Testing
import WireGuardModel

@Suite(.enabled(if: Arena.isPossible, "takes root, or a user namespace")) struct InterfaceAddressTests {
    private static let addresses = [
        "10.1.2.3/24", "10.1.2.4/24", "10.1.2.5/32", "192.0.2.0/31", "127.5.5.5/8", "169.254.1.1/16", "172.16.0.1/12",
        "fd00::1/64", "fd00::2/128", "2001:db8::/127", "fe80::77/64",
    ]

    private static func parse(_ text: String) -> InterfaceAddress {
        let prefix = AllowedIP(text)
        return InterfaceAddress(prefix.address, prefixLength: prefix.prefixLength)!
    }

    @Test(arguments: [true, false])
    func addressesAreAddedAsIPDoes(isUp: Bool) async throws {
        let commands = Self.addresses.map { "address add \($0) dev end" }
        let states = try await Stage.twins(isUp: isUp, commands: commands) { stage in
            for address in Self.addresses { try stage.conversation.addAddress(Self.parse(address), to: stage.end) }
        }
        #expect(states.ours == states.reference)
        for address in Self.addresses { #expect(states.ours.contains(#""\#(address.split(separator: "/")[0])""#)) }
    }

    /// Among them the first of 10.1.2.0/24, with which the second goes, and a later one that is alone again.
    @Test func addressesAreRemovedAsIPDoes() async throws {
        let removed = ["10.1.2.3/24", "192.0.2.0/31", "127.5.5.5/8", "fd00::2/128", "fe80::77/64"]
        let commands =
            Self.addresses.map { "address add \($0) dev end" } + removed.map { "address delete \($0) dev end" }
        let states = try await Stage.twins(commands: commands) { stage in
            for address in Self.addresses { try stage.conversation.addAddress(Self.parse(address), to: stage.end) }
            for address in removed { try stage.conversation.removeAddress(Self.parse(address), from: stage.end) }
        }
        #expect(states.ours == states.reference)
        #expect(!states.ours.contains(#""10.1.2.4""#))
    }

    @Test func addressesAreReadAsIPReadsThem() async throws {
        try await Stage.run { stage in
            for address in Self.addresses { try IPProgram.run("address add \(address) dev end") }
            try IPProgram.run("address add 10.9.9.1 peer 10.9.9.2/32 dev end")
            try IPProgram.run("address add 10.8.8.8/24 dev other")
            let reference = try #require(
                try IPProgram.json("address show dev end").first?["addr_info"] as? [[String: Any]])
            let expected = reference.map { "\($0["local"]!)/\($0["prefixlen"]!)" }
            let read = try stage.conversation.addresses(of: stage.end)
            #expect(read.map { "\($0.address.text)/\($0.prefixLength)" } == expected)
            #expect(Set(read).isSuperset(of: Self.addresses.map(Self.parse)))
            let scopes = ["global": 0, "link": 253, "host": 254]
            #expect(read.map { Int($0.scope) } == reference.map { scopes[$0["scope"] as! String] })
        }
    }

    @Test("an address of a peer is told apart from one without, removed, and put back as it was")
    func peersOfAddresses() async throws {
        try await Stage.run { stage in
            for text in [
                "10.9.9.1/32", "10.9.9.1 peer 10.9.9.2/32", "10.9.9.1 peer 10.8.8.0/24", "fd00::1 peer fd00::2/128",
            ] {
                try IPProgram.run("address add \(text) dev end")
            }
            try IPProgram.awaitCertainty()
            let before = try IPProgram.run("address show dev end")
            let read = try stage.conversation.addresses(of: stage.end).filter { !$0.isAutomatic }
            #expect(Set(read).count == 4 && read.count { $0.peer != nil } == 3)
            #expect(read.contains(Self.parse("10.9.9.1/32")) && !read.contains(Self.parse("fd00::1/128")))
            for address in read { try stage.conversation.removeAddress(address, from: stage.end) }
            #expect(!(try IPProgram.run("address show dev end")).contains("10.9.9.1"))
            for address in read { try stage.conversation.addAddress(address, to: stage.end) }
            try IPProgram.awaitCertainty()
            #expect(try IPProgram.run("address show dev end") == before)
        }
    }

    @Test func refusalsAreTold() async throws {
        try await Stage.run { stage in
            for text in ["10.1.2.3/24", "fd00::1/64"] {
                let address = Self.parse(text)
                try stage.conversation.addAddress(address, to: stage.end)
                #expect(throws: Errno.exists) { try stage.conversation.addAddress(address, to: stage.end) }
                #expect(throws: Errno.noDevice) { try stage.conversation.addAddress(address, to: 9999) }
                try stage.conversation.removeAddress(address, from: stage.end)
                #expect(throws: Errno.addressNotAvailable) {
                    try stage.conversation.removeAddress(address, from: stage.end)
                }
            }
        }
    }

    @Test func prefixesLongerThanAddressesAreNone() {
        #expect(InterfaceAddress(IPAddress("10.0.0.1"), prefixLength: 33) == nil)
        #expect(InterfaceAddress(IPAddress("fd00::1"), prefixLength: 129) == nil)
        #expect(InterfaceAddress(IPAddress("10.0.0.1"), prefixLength: 32) != nil)
    }
}
