import CLinux
import Glibc
import LinuxNetlink
import LinuxSystem
import TestSupport
import Testing
import WireGuardModel

@Suite(.enabled(if: Arena.isPossible, "takes root, or a user namespace")) struct RouteTests {
    /// Prefixes of both families, each once, and tables small and large.
    private static func routes(count: Int, seed: UInt64) -> [(prefix: String, table: UInt32)] {
        var random = SeededRandom(seed)
        var routes: [String: UInt32] = [:]
        while routes.count < count {
            let isV6 = Bool.random(using: &random)
            let length = UInt8.random(in: 0...(isV6 ? 128 : 32), using: &random)
            let word = UInt64.random(in: 0...UInt64.max, using: &random)
            let address =
                isV6 ? IPAddress(v6: 0x2000 << 48 | word >> 4, word) : IPAddress(v4: UInt32(word >> 40) | 0x0b00_0000)
            routes[AllowedIP(address, prefixLength: length)!.masked.text] =
                [254, 100, 51820, 4_000_000_000].randomElement(using: &random)!
        }
        return routes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    @Test(arguments: 0..<3)
    func routesAreAddedAndRemovedAsIPDoes(seed: UInt64) async throws {
        let routes = Self.routes(count: 40, seed: seed)
        let removed = routes.enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
        func line(_ route: (prefix: String, table: UInt32)) -> String { "\(route.prefix) dev end table \(route.table)" }
        let commands = routes.map { "route add \(line($0))" } + removed.map { "route delete \(line($0))" }
        let states = try await Stage.twins(commands: commands) { stage in
            for route in routes {
                try stage.conversation.addRoute(
                    Route(to: AllowedIP(route.prefix), device: stage.end, table: route.table))
            }
            for route in removed {
                let route = Route(to: AllowedIP(route.prefix), device: stage.end, table: route.table)
                try stage.conversation.removeRoute(route)
            }
        }
        #expect(states.ours == states.reference)
    }

    /// Bits behind a prefix, which `ip` refuses, are not sent: the kernel does not take them either.
    @Test func destinationsAreMasked() async throws {
        try await Stage.run { stage in
            try stage.conversation.addRoute(Route(to: AllowedIP("10.1.2.3/8"), device: stage.end))
            try stage.conversation.addRoute(Route(to: AllowedIP("fd01:2:3::4/32"), device: stage.end))
            #expect(try IPProgram.run("-4 route show dev end") == "10.0.0.0/8 scope link \n")
            #expect(try IPProgram.run("-6 route show dev end proto boot").hasPrefix("fd01:2::/32 metric 1024 "))
        }
    }

    @Test("an unreachable route is added as ip does it, found by its protocol, and removed")
    func unreachable() async throws {
        let states = try await Stage.twins(
            commands: [
                "route add unreachable 0.0.0.0/0 table 51820 metric 4294967295 proto 87",
                "route add 0.0.0.0/0 dev end table 51820",
            ]
        ) { stage in
            for text in ["0.0.0.0/0", "10.0.0.0/8"] {
                let route = Route(unreachable: AllowedIP(text), table: 51820, metric: .max, protocol: 87)
                try stage.conversation.addRoute(route)
            }
            try stage.conversation.addRoute(Route(to: AllowedIP("0.0.0.0/0"), device: stage.end, table: 51820))
            let found = try stage.conversation.routes(.v4, table: nil, protocol: 87)
            #expect(Set(found.map(\.destination)) == [AllowedIP("0.0.0.0/0"), AllowedIP("10.0.0.0/8")])
            let other = try #require(found.first { $0.destination.prefixLength == 8 })
            #expect(other.device == nil && other.metric == .max && !other.isUnicast)
            try stage.conversation.removeRoute(other)
        }
        #expect(states.ours == states.reference)
    }

    @Test func metricsGatewaysAndReplacementsAreThoseOfIP() async throws {
        let commands = [
            "address add 10.0.0.1/24 dev end", "address add fd00::1/64 dev end",
            "route add 10.1.0.0/16 dev end metric 77", "route add 10.1.0.0/16 dev end metric 78",
            "route add 10.2.0.0/16 via 10.0.0.2 dev end src 10.0.0.1 mtu 1300",
            "route replace 10.1.0.0/16 dev end metric 77 mtu 1380", "route replace 10.3.0.0/16 dev end",
            "route add fd01::/32 dev end metric 5", "route add fd02::/32 via fd00::2 dev end mtu 1400",
            "route replace fd01::/32 dev end metric 5 mtu 1280", "route delete 10.1.0.0/16 dev end metric 78",
        ]
        let states = try await Stage.twins(commands: commands) { stage in
            for command in commands[..<2] { try IPProgram.run(command) }
            let end = stage.end
            func route(_ prefix: String, _ change: (inout Route) -> Void = { _ in }) -> Route {
                var route = Route(to: AllowedIP(prefix), device: end)
                change(&route)
                return route
            }
            try stage.conversation.addRoute(route("10.1.0.0/16") { $0.metric = 77 })
            try stage.conversation.addRoute(route("10.1.0.0/16") { $0.metric = 78 })
            let throughGateway = route("10.2.0.0/16") { route in
                route.gateway = IPAddress("10.0.0.2")
                route.source = IPAddress("10.0.0.1")
                route.mtu = 1300
                route.scope = 0
            }
            try stage.conversation.addRoute(throughGateway)
            try stage.conversation.replaceRoute(route("10.1.0.0/16") { ($0.metric, $0.mtu) = (77, 1380) })
            try stage.conversation.replaceRoute(route("10.3.0.0/16"))
            try stage.conversation.addRoute(route("fd01::/32") { $0.metric = 5 })
            try stage.conversation.addRoute(
                route("fd02::/32") { ($0.gateway, $0.mtu) = (IPAddress("fd00::2"), 1400) })
            try stage.conversation.replaceRoute(route("fd01::/32") { ($0.metric, $0.mtu) = (5, 1280) })
            try stage.conversation.removeRoute(route("10.1.0.0/16") { $0.metric = 78 })
            // What was read is what was written, and can be taken away as it was read.
            #expect(try stage.conversation.routes(.v4).contains(throughGateway))
        }
        #expect(states.ours == states.reference)
    }

    @Test func routesThatWereReadCanBeRemovedAndAddedAgain() async throws {
        try await Stage.run { stage in
            let before = try IPProgram.everything()
            try IPProgram.runBatch(
                Self.routes(count: 60, seed: 9).map { "route add \($0.prefix) dev end table \($0.table)" })
            let added = try IPProgram.everything()
            var taken: [Route] = []
            for family in [IPAddress.Family.v4, .v6] {
                for route in try stage.conversation.routes(family, table: nil, device: stage.end)
                where route.protocol == UInt8(RTPROT_BOOT) {
                    try stage.conversation.removeRoute(route)
                    taken.append(route)
                }
            }
            #expect(taken.count == 60)
            #expect(try IPProgram.everything() == before)
            for route in taken { try stage.conversation.addRoute(route) }
            #expect(try IPProgram.everything() == added)
        }
    }

    // MARK: reading

    /// More than one datagram holds.
    @Test func thousandsOfRoutesAreRead() async throws {
        let routes = Self.routes(count: 2000, seed: 4)
        try await Stage.run { stage in
            try IPProgram.runBatch(routes.map { "route add \($0.prefix) dev end table \($0.table)" })
            for family in [IPAddress.Family.v4, .v6] {
                let mine = routes.filter { $0.prefix.contains(":") == (family == .v6) }
                for table in Set(routes.map(\.table)) {
                    let read = try Self.added(stage.conversation.routes(family, table: table, device: stage.end))
                    #expect(read == mine.filter { $0.table == table }.map(\.prefix).sorted())
                }
                let all = try Self.added(stage.conversation.routes(family, table: nil))
                #expect(all == mine.map(\.prefix).sorted())
            }
        }
    }

    /// Destinations of routes that are not the kernel's own.
    private static func added(_ routes: [Route]) -> [String] {
        routes.filter { $0.protocol == UInt8(RTPROT_BOOT) }.map(\.destination.text).sorted()
    }

    @Test func filtersLeaveOthersOut() async throws {
        try await Stage.run { stage in
            try IPProgram.runBatch([
                "route add 10.1.0.0/16 dev end", "route add 10.2.0.0/16 dev other",
                "route add 10.3.0.0/16 dev end table 77",
                "route add blackhole 10.4.0.0/16",
            ])
            let other = try #require(try stage.conversation.link(named: "other")).index
            #expect(try Self.find(&stage, table: 254, device: nil) == ["10.1.0.0/16", "10.2.0.0/16", "10.4.0.0/16"])
            #expect(try Self.find(&stage, table: 254, device: stage.end) == ["10.1.0.0/16"])
            #expect(try Self.find(&stage, table: nil, device: other) == ["10.2.0.0/16"])
            #expect(try Self.find(&stage, table: 77, device: nil) == ["10.3.0.0/16"])
            #expect(try Self.find(&stage, table: 77, device: other) == [])
            #expect(try stage.conversation.routes(.v4).first { $0.device == nil }?.type == UInt8(RTN_BLACKHOLE))
        }
    }

    private static func find(_ stage: inout Stage, table: UInt32?, device: Int32?) throws -> Set<String> {
        let routes = try stage.conversation.routes(.v4, table: table, device: device)
        return Set(routes.map(\.destination.text).filter { $0.hasPrefix("10.") })
    }

    @Test func tablesAreEmptyUntilTheirFirstRoute() async throws {
        try await Stage.run { stage in
            let tables: [UInt32] = [51820, 51821, 200]
            for table in tables { #expect(try !stage.conversation.hasRoutes(inTable: table)) }
            try IPProgram.run("-6 route add ::/0 dev end table 51820")
            try IPProgram.run("-4 route add 0.0.0.0/0 dev end table 51821")
            #expect(try stage.conversation.hasRoutes(inTable: 51820))
            #expect(try stage.conversation.hasRoutes(inTable: 51821))
            #expect(try !stage.conversation.hasRoutes(inTable: 200))
            try IPProgram.run("-6 route flush table 51820")
            try IPProgram.run("-4 route flush table 51821")
            for table in tables { #expect(try !stage.conversation.hasRoutes(inTable: table)) }
        }
    }

    // MARK: refusals

    @Test func refusalsAreTold() async throws {
        try await Stage.run { stage in
            for prefix in ["10.0.0.0/8", "0.0.0.0/0", "fd00::/8", "::/0"] {
                var route = Route(to: AllowedIP(prefix), device: stage.end, table: 51820)
                #expect(throws: Errno.noProcess) { try stage.conversation.removeRoute(route) }
                try stage.conversation.addRoute(route)
                #expect(throws: Errno.exists) { try stage.conversation.addRoute(route) }
                try stage.conversation.removeRoute(route)
                #expect(throws: Errno.noProcess) { try stage.conversation.removeRoute(route) }
                route.device = 9999
                #expect(throws: Errno.noDevice) { try stage.conversation.addRoute(route) }
            }
        }
    }

    @Test func linksThatAreDownTakeNoRoutes() async throws {
        try await Stage.run(isUp: false) { stage in
            let route = Route(to: AllowedIP("10.0.0.0/8"), device: stage.end)
            #expect(throws: Errno(ENETDOWN)) { try stage.conversation.addRoute(route) }
            #expect(stage.conversation.explanation == "Device for nexthop is not up")
        }
    }

    // MARK: look-up

    @Test func wayIsTheOneThatIPFinds() async throws {
        try await Stage.run { stage in
            try IPProgram.runBatch([
                "address add 10.0.0.1/24 dev end", "address add 10.5.0.1/24 dev other",
                "address add fd00::1/64 dev end nodad",
                "route add 10.1.0.0/16 via 10.0.0.2 mtu 1300", "route add 10.2.0.0/16 dev other",
                "route add default via 10.5.0.2 table 77", "rule add fwmark 0x77 table 77",
                "route add fd01::/32 via fd00::2 mtu 1400",
            ])
            let questions: [(String, UInt32)] = [
                ("10.0.0.9", 0), ("10.1.2.3", 0), ("10.2.3.4", 0), ("10.1.2.3", 0x77), ("192.0.2.1", 0x77),
                ("10.0.0.1", 0),
                ("fd00::9", 0), ("fd01::1", 0), ("127.0.0.1", 0),
            ]
            for (address, mark) in questions {
                let reference = try #require(try IPProgram.json("route get \(address) mark \(mark)").first)
                let found = try stage.conversation.route(to: IPAddress(address), mark: mark)
                let link = try #require(try stage.conversation.link(index: found.device))
                #expect(link.name.description == reference["dev"] as? String, "\(address)")
                #expect(found.gateway?.text == reference["gateway"] as? String, "\(address)")
                #expect(found.source?.text == reference["prefsrc"] as? String, "\(address)")
                let metrics = (reference["metrics"] as? [[String: Any]])?.first
                #expect(found.mtu == metrics?["mtu"] as? UInt32, "\(address)")
            }
            for address in ["192.0.2.1", "2001:db8::1"] {
                #expect(throws: Errno.networkUnreachable) { try stage.conversation.route(to: IPAddress(address)) }
            }
        }
    }
}
