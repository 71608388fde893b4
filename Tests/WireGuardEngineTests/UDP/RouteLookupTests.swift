import Glibc
import TestSupport
import Testing
import WireGuardEngine
import WireGuardModel
import WireGuardProtocol

/// Compares with the kernel's own routing, in a network with two cables.
@Suite("The interface of a route", .enabled(if: Arena.isPossible))
struct RouteLookupTests {
    @Test("is what the kernel says, by address, source and mark", arguments: [IPAddress.Family.v4, .v6])
    func interfaces(_ family: IPAddress.Family) async throws {
        try await Arena.run {
            let network = try Network(family)
            var lookup = try RouteLookup()
            func ask(from local: IPAddress? = nil, mark: UInt32 = 0) -> RouteLookup.Answer {
                lookup.ask(Path(to: Endpoint(address: network.remote, port: 9), from: local), mark: mark, port: 7)
            }
            #expect(ask() == .noRoute)
            try network.ip("route add \(network.remoteText) dev one")
            #expect(ask() == .leaves(interfaceIndex: network.one))
            #expect(ask(from: network.local) == .leaves(interfaceIndex: network.one))
            try network.ip("rule add fwmark 5 table 100")
            try network.ip("route add \(network.remoteText) dev two table 100")
            #expect(ask(mark: 5) == .leaves(interfaceIndex: network.two))
            #expect(ask(mark: 6) == .leaves(interfaceIndex: network.one))
            try network.ip("rule add from \(network.localText) table 100")
            #expect(ask(from: network.local) == .leaves(interfaceIndex: network.two))
            #expect(ask() == .leaves(interfaceIndex: network.one))
            for refusal in ["unreachable", "prohibit", "blackhole"] {
                try network.ip("route add \(refusal) \(network.remoteText) table 101")
                try network.ip("rule add fwmark 9 table 101 priority 1")
                #expect(ask(mark: 9) == .noRoute, "\(refusal)")
                try network.ip("rule del fwmark 9 table 101 priority 1")
                try network.ip("route flush table 101")
            }
        }
    }

    @Test("is none for a source that is no address of this machine")
    func goneSource() async throws {
        try await Arena.run {
            let network = try Network(.v4)
            // Removing the last address would remove its routes, too.
            try network.ip("address add 192.0.2.9/32 dev one")
            try network.ip("route add \(network.remoteText) dev one")
            var lookup = try RouteLookup()
            let path = Path(to: Endpoint(address: network.remote, port: 9), from: network.local)
            #expect(lookup.ask(path, mark: 0, port: 7) == .leaves(interfaceIndex: network.one))
            try network.ip("address del \(network.localText)/32 dev one")
            #expect(lookup.ask(path, mark: 0, port: 7) == .sourceIsGone)
        }
    }

    @Test("is that of the scope for a link-local endpoint")
    func scope() async throws {
        try await Arena.run {
            var lookup = try RouteLookup()
            let endpoint = Endpoint(address: IPAddress(v6: 0xfe80 << 48, 1), port: 9, scope: 42)
            #expect(lookup.ask(Path(to: endpoint), mark: 0, port: 7) == .leaves(interfaceIndex: 42))
        }
    }
}

/// Two cables that are up, with an address of ours on the first. Create it in an arena.
private struct Network {
    let one: UInt32
    let two: UInt32
    let remote: IPAddress
    let remoteText: String
    let local: IPAddress
    let localText: String
    private let family: IPAddress.Family

    init(_ family: IPAddress.Family) throws {
        self.family = family
        if family == .v4 {
            (remote, remoteText) = (IPAddress(v4: 0xcb00_7101), "203.0.113.1/32")
            (local, localText) = (IPAddress(v4: 0xc000_0201), "192.0.2.1")
        } else {
            (remote, remoteText) = (IPAddress(v6: 0x2001_0db8_0001_0000, 1), "2001:db8:1::1/128")
            (local, localText) = (IPAddress(v6: 0x2001_0db8_0000_0000, 1), "2001:db8::1")
        }
        for name in ["one", "two"] {
            try WireGuardEngineTests.ip("link add \(name) type veth peer name to-\(name)")
            try WireGuardEngineTests.ip("link set to-\(name) up")
            try WireGuardEngineTests.ip("link set \(name) up")
        }
        try WireGuardEngineTests.ip(
            "address add \(localText)/\(family == .v4 ? 32 : 128) dev one\(family == .v4 ? "" : " nodad")")
        one = if_nametoindex("one")
        two = if_nametoindex("two")
    }

    func ip(_ arguments: String) throws {
        try WireGuardEngineTests.ip((family == .v4 ? "-4 " : "-6 ") + arguments)
    }
}
