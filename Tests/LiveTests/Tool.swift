import TestSupport

/// A `wg`: ours, or the one that it is compared with.
enum Tool: CaseIterable {
    case ours, reference

    var path: String {
        switch self {
        case .ours: Places.wg
        case .reference: Self.hasNewest ? Self.newest : "/usr/bin/wg"
        }
    }

    /// Whether the reference is of the version that ours is like.
    static let hasNewest = Places.exists(newest)

    private static let newest = Places.peers + "/wg"
}

extension Laboratory {
    func wg(_ tool: Tool, _ arguments: [String], input: String = "") throws -> RunResult {
        try run(tool.path, arguments, input: input)
    }

    /// Runs our wg, which must succeed without complaint.
    @discardableResult
    func wg(_ arguments: String..., input: String = "") throws -> String {
        let result = try wg(.ours, arguments, input: input)
        guard result.status == 0, result.err.isEmpty else {
            throw LaboratoryError("wg \(arguments): status \(result.status): \(result.err)")
        }
        return result.out
    }
}

/// A private key in a file of the laboratory, and its public key.
struct Identity {
    let file: String
    let publicKey: String

    init(_ name: String, in laboratory: Laboratory) throws {
        let privateKey = try laboratory.wg("genkey")
        file = try laboratory.write(privateKey, to: name + ".key")
        publicKey = try laboratory.wg("pubkey", input: privateKey).lines[0]
    }
}

extension String {
    var lines: [String] { split(separator: "\n").map(String.init) }
}
