import ByteText
import LinuxNetlink
import LinuxSystem
import NetlinkTestSupport
import Testing
import WireGuardModel

/// Requests byte for byte, and answers that no kernel should give.
@Suite struct RouteAnswerTests {
    /// One message of this content, and the end.
    private static func kernel(_ contents: [[UInt8]]) -> FakeKernel {
        FakeKernel { kernel, request in
            let sequence = FakeKernel.sequence(of: request)
            return contents.map { Bytes.message(type: 0x18, flags: 2, sequence: sequence, port: kernel.port, $0) }
                + [Bytes.end(0, sequence: sequence, port: kernel.port)]
        }
    }

    @Test func requestForARouteIsByteForByte() throws {
        let kernel = Self.kernel([])
        var conversation = RouteConversation(over: kernel)
        var route = Route(to: AllowedIP("10.9.0.0/16"), device: 5, table: 51820)
        route.metric = 7
        route.mtu = 1380
        try conversation.addRoute(route)
        #expect(
            kernel.sent == [
                [
                    0x48, 0, 0, 0, 0x18, 0, 0x05, 0x06, 1, 0, 0, 0, 0, 0, 0, 0,  // RTM_NEWROUTE, create, not replace
                    2, 16, 0, 0,  // AF_INET, length of the destination
                    0, 3, 253, 1,  // no small table, RTPROT_BOOT, RT_SCOPE_LINK, RTN_UNICAST
                    0, 0, 0, 0,
                    8, 0, 1, 0, 10, 9, 0, 0,  // RTA_DST
                    8, 0, 15, 0, 0x6c, 0xca, 0, 0,  // RTA_TABLE
                    8, 0, 4, 0, 5, 0, 0, 0,  // RTA_OIF
                    8, 0, 6, 0, 7, 0, 0, 0,  // RTA_PRIORITY
                    12, 0, 8, 0x80, 8, 0, 2, 0, 0x64, 5, 0, 0,  // RTA_METRICS with RTAX_MTU
                ]
            ])
    }

    @Test func requestForARuleIsByteForByte() throws {
        let kernel = Self.kernel([])
        var conversation = RouteConversation(over: kernel)
        try conversation.addRule(.unmarked(51820, .v6, table: 51820))
        try conversation.removeRule(.mainWithoutDefault(.v4))
        #expect(
            kernel.sent == [
                [
                    0x2c, 0, 0, 0, 0x20, 0, 0x05, 0x06, 1, 0, 0, 0, 0, 0, 0, 0,  // RTM_NEWRULE
                    10, 0, 0, 0, 0, 0, 0, 1,  // AF_INET6; FR_ACT_TO_TBL
                    2, 0, 0, 0,  // FIB_RULE_INVERT
                    8, 0, 10, 0, 0x6c, 0xca, 0, 0,  // FRA_FWMARK
                    8, 0, 15, 0, 0x6c, 0xca, 0, 0,  // FRA_TABLE
                ],
                [
                    0x24, 0, 0, 0, 0x21, 0, 0x05, 0, 2, 0, 0, 0, 0, 0, 0, 0,  // RTM_DELRULE
                    2, 0, 0, 0, 254, 0, 0, 0,  // AF_INET; table main, any action
                    0, 0, 0, 0,
                    8, 0, 14, 0, 0, 0, 0, 0,  // FRA_SUPPRESS_PREFIXLEN
                ],
            ])
    }

    // MARK: broken answers

    private static let route: [UInt8] = [2, 8, 0, 0, 254, 3, 253, 1, 0, 0, 0, 0]
    private static let rule: [UInt8] = [2, 8, 8, 0, 254, 0, 0, 1, 0, 0, 0, 0]
    private static let link = [UInt8](repeating: 0, count: 16)
    private static let address: [UInt8] = [2, 8, 0, 0, 1, 0, 0, 0]

    @Test(arguments: [
        [], Array(route.dropLast()), route,
        route + Bytes.attribute(1, [10, 0, 0]), route + Bytes.attribute(1, [UInt8](repeating: 1, count: 16)),
        [2, 33] + route[2...], [10, 129] + route[2...], route + Bytes.attribute(15, [1, 2, 3]),
        route + Bytes.attribute(4, [1]), route + Bytes.attribute(8, [9, 0, 1, 0]),
        route + Bytes.attribute(8, Bytes.attribute(2, [1])), route + [1, 0],
    ])
    func brokenRoutesAreProtocolErrors(content: [UInt8]) {
        var conversation = RouteConversation(over: Self.kernel([content]))
        // Answers of other families than the one asked for are left out.
        let family: IPAddress.Family = content.first == 10 ? .v6 : .v4
        #expect(throws: Errno.protocolError) { try conversation.routes(family, table: nil) }
    }

    @Test(arguments: [
        [], Array(rule.dropLast()), rule + Bytes.attribute(1, [10, 0, 0]),
        [2, 33] + rule[2...] + Bytes.attribute(1, [1, 2, 3, 4]),
        rule + Bytes.attribute(2, [UInt8](repeating: 1, count: 16)), rule + Bytes.attribute(10, [1]),
        rule + Bytes.attribute(14, [1]), rule + Bytes.attribute(6, [1, 2, 3, 4, 5]), rule + [8, 0],
    ])
    func brokenRulesAreProtocolErrors(content: [UInt8]) {
        var conversation = RouteConversation(over: Self.kernel([content]))
        #expect(throws: Errno.protocolError) { try conversation.rules(.v4) }
    }

    @Test(arguments: [
        [], Array(link.dropLast()), link, link + Bytes.attribute(3, [0]),
        link + Bytes.attribute(3, [0x61]) + Bytes.attribute(4, [1]),
        link + Bytes.attribute(3, [0x61]) + Bytes.attribute(18, [5, 0, 1]),
    ])
    func brokenLinksAreProtocolErrors(content: [UInt8]) {
        var conversation = RouteConversation(over: Self.kernel([content]))
        #expect(throws: Errno.protocolError) { try conversation.links() }
        #expect(throws: Errno.protocolError) { try conversation.link(named: "a") }
    }

    @Test(arguments: [
        [], Array(address.dropLast()), address, address + Bytes.attribute(1, [1, 2, 3]),
        address + Bytes.attribute(1, [UInt8](repeating: 1, count: 16)),
        address + Bytes.attribute(8, [1]) + Bytes.attribute(1, [1, 2, 3, 4]),
        [2, 33] + address[2...] + Bytes.attribute(1, [1, 2, 3, 4]),
    ])
    func brokenAddressesAreProtocolErrors(content: [UInt8]) {
        var conversation = RouteConversation(over: Self.kernel([content]))
        #expect(throws: Errno.protocolError) { try conversation.addresses(of: 1) }
    }

    @Test func answersThatAreMissingAreProtocolErrors() {
        var conversation = RouteConversation(over: Self.kernel([]))
        #expect(throws: Errno.protocolError) { try conversation.link(named: "a") }
        #expect(throws: Errno.protocolError) { try conversation.route(to: IPAddress("10.0.0.1")) }
    }

    @Test func familiesThatAreNotIPsAreLeftOut() throws {
        var routing = RouteConversation(over: Self.kernel([[28] + Self.route[1...]]))
        let routes = try routing.routes(.v4, table: nil)
        var addressing = RouteConversation(over: Self.kernel([[28] + Self.address[1...]]))
        let addresses = try addressing.addresses(of: 1)
        var ruling = RouteConversation(over: Self.kernel([[128] + Self.rule[1...]]))
        let rules = try ruling.rules(.v4)
        #expect(routes.isEmpty && addresses.isEmpty && rules.isEmpty)
    }

    /// What was read of a dump that changed under way is forgotten.
    @Test func interruptedDumpsAreNotReadTwice() throws {
        var rounds = 0
        let kernel = FakeKernel { kernel, request in
            rounds += 1
            let sequence = FakeKernel.sequence(of: request)
            return (0..<3).map { index in
                let content = Self.route + Bytes.attribute(1, [10 + UInt8(index), 0, 0, 0])
                let flags: UInt16 = rounds < 3 && index == 1 ? 0x12 : 2
                return Bytes.message(type: 0x18, flags: flags, sequence: sequence, port: kernel.port, content)
            } + [Bytes.done(sequence: sequence, port: kernel.port)]
        }
        var conversation = RouteConversation(over: kernel)
        let routes = try conversation.routes(.v4)
        #expect(routes.map(\.destination.text) == ["10.0.0.0/8", "11.0.0.0/8", "12.0.0.0/8"])
        #expect(rounds == 3)
    }
}
