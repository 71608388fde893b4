import ByteText
import FuzzSupport
import LinuxNetlink
import LinuxSystem
import WireGuardModel
import WireGuardText

/// What holds for every answer about links, addresses, routes and rules.
enum RoutingProperties {
    static func check(_ question: Question, over kernel: FakeKernel) {
        var conversation = RouteConversation(over: kernel)
        var read = "refused"
        do throws(Errno) {
            read = try ask(question.routing, &conversation).joined(separator: "\n")
        } catch {
            expectOneLine("\(error)")
        }
        guard question.isFramed else { return }
        let naive = (try? NaiveRouting.lines(question.routing, question.contents))?.joined(separator: "\n")
        expectEqual(read, naive ?? "refused", "\(question.routing) are read as they are")
    }

    private static func ask(
        _ routing: Question.Routing, _ conversation: inout RouteConversation
    ) throws(Errno) -> [String] {
        switch routing {
        case .links: try conversation.links().map(text)
        case .link: try [conversation.link(index: 1)].map { $0.map(text) ?? "none" }
        case .addresses: try conversation.addresses(of: 1).map(text)
        case .routes: try conversation.routes(.v4, table: nil).map(text)
        case .rules: try conversation.rules(.v6).map(text)
        case .lookup: [text(try conversation.route(to: IPAddress(v4: 1)))]
        }
    }

    private static func text(_ link: Link) -> String {
        expect(!link.name.text.bytes.contains(0), "a name ends at its NUL: \(link.name)")
        return
            "\(UInt32(bitPattern: link.index)) \(link.name) \(link.kind?.description ?? "none") \(link.mtu) \(link.flags)"
    }

    private static func text(_ address: InterfaceAddress) -> String {
        "\(text(address.address))/\(address.prefixLength) \(address.scope) \(address.flags)"
    }

    private static func text(_ route: Route) -> String {
        let network = "\(text(route.destination.address))/\(route.destination.prefixLength)"
        let device = text(route.device.map { UInt32(bitPattern: $0) })
        let ways = [
            route.gateway.map(text) ?? "none", route.source.map(text) ?? "none", text(route.metric), text(route.mtu),
        ]
        return
            "\(network) \(route.table) \(device) \(ways.joined(separator: " ")) \(route.type) \(route.scope) \(route.protocol)"
    }

    private static func text(_ rule: Rule) -> String {
        let networks = [rule.source, rule.destination].map {
            $0.map { "\(text($0.address))/\($0.prefixLength)" } ?? "none"
        }
        let marks = [rule.mark, rule.mask].map(text)
        return "\(rule.family.bits) \(rule.priority!) \(rule.isInverted) \((networks + marks).joined(separator: " "))"
            + " \(rule.table) \(text(rule.suppressedPrefixLength)) \(rule.hasOtherConditions)"
    }

    private static func text(_ route: ChosenRoute) -> String {
        let ways = [route.gateway.map(text) ?? "none", route.source.map(text) ?? "none", text(route.mtu)]
        return "\(UInt32(bitPattern: route.device)) \(ways.joined(separator: " "))"
    }

    private static func text(_ number: UInt32?) -> String { number.map { "\($0)" } ?? "none" }

    private static func text(_ address: IPAddress) -> String { String { address.append(to: &$0) } }
}
