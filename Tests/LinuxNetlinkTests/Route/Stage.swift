import ByteText
import LinuxNetlink
import LinuxSystem
import TestSupport
import WireGuardModel

/// A network of a test's own, and our conversation about it.
struct Stage: ~Copyable {
    var conversation: RouteConversation
    /// The link that tests work on.
    let end: Int32

    /// Runs `body` there. `isUp` tells whether the link is.
    static func run<Result: Sendable>(
        isUp: Bool = true, _ body: @escaping @Sendable (inout Stage) throws -> Result
    ) async throws -> Result {
        try await Arena.run {
            try makeLinks()
            if isUp { try IPProgram.run("link set end up") }
            var stage = try Stage()
            return try body(&stage)
        }
    }

    private init() throws {
        var conversation = try RouteConversation()
        guard let end = try conversation.link(named: "end") else { throw Errno.noDevice }
        self.conversation = conversation
        self.end = end.index
    }

    /// What two networks are like in the end: in one of them ours did it, in the other one `ip`, command by command.
    static func twins(
        isUp: Bool = true, commands: [String], ours: @escaping @Sendable (inout Stage) throws -> Void
    ) async throws -> (ours: String, reference: String) {
        let ours = try await run(isUp: isUp) { stage in
            try ours(&stage)
            return try IPProgram.everything()
        }
        let reference = try await run(isUp: isUp) { _ in
            for command in commands { try IPProgram.run(command) }
            return try IPProgram.everything()
        }
        return (ours, reference)
    }
}

extension InterfaceName: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self.init(ByteString(text)) }
}
