import TestSupport
import Testing

/// One of the ways in which `wg` tells what a device is.
struct View {
    let arguments: [String]

    /// Every way to look at an interface, where it is the only one or where there are more.
    static func all(of interface: String) -> [View] {
        let whole = [[], ["interfaces"], [interface], ["all"]]
        let fields = (["dump"] + Self.fields).flatMap { [[interface, $0], ["all", $0]] }
        return (whole + fields).map { View(arguments: ["show"] + $0) } + [View(arguments: ["showconf", interface])]
    }

    private static let fields = [
        "public-key", "private-key", "listen-port", "fwmark", "peers", "preshared-keys", "endpoints", "allowed-ips",
        "latest-handshakes", "transfer", "persistent-keepalive",
    ]

    /// Wireguard-tools of 2021 names the interface once for all its endpoints.
    var isNew: Bool { arguments == ["show", "all", "endpoints"] }
}

/// What `wg` said. `wireguard-go` gives its peers in a different order each time, so their order counts for nothing.
struct Sight: Equatable {
    let status: Int32
    let text: [String]
    let complaint: String

    init(_ result: RunResult) {
        status = result.status
        complaint = result.err
        let parts = result.out.split(separator: "\n", omittingEmptySubsequences: false)
        let isInParagraphs = parts.dropLast().contains("")
        text =
            isInParagraphs
            ? parts.split(separator: "", omittingEmptySubsequences: false).map { $0.joined(separator: "\n") }.sorted()
            : parts.map(String.init).sorted()
    }
}

extension Laboratory {
    func look(_ view: View, with tool: Tool) throws -> Sight { Sight(try wg(tool, view.arguments)) }

    /// In every view of an interface ours and the reference must say the same.
    func expectAgreement(on interface: String, at location: SourceLocation = #_sourceLocation) throws {
        for view in View.all(of: interface) where Tool.hasNewest || !view.isNew {
            var sights = (try look(view, with: .ours), try look(view, with: .reference))
            // Time goes on between two looks, and daemons send now and then.
            for _ in 0..<5 where sights.0 != sights.1 {
                sights = (try look(view, with: .ours), try look(view, with: .reference))
            }
            #expect(sights.0 == sights.1, "\(view.arguments)", sourceLocation: location)
        }
    }
}
