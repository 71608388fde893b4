import Glibc
import TestSupport

/// The commands that touch no interface, so that what they take is what any program's start takes.
enum StartUp {
    private static let runs = 400
    private static let privateKey = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n"

    static func challenges(in folder: String) throws -> [Challenge] {
        let key = folder + "/private-key"
        try writeFile(key, privateKey)
        return [
            Challenge(name: "genkey", arguments: ["genkey"], runs: runs, comparison: .equalLength),
            Challenge(name: "pubkey", arguments: ["pubkey"], input: key, runs: runs),
            Challenge(name: "help", arguments: ["help"], runs: runs),
        ]
    }

    private static func writeFile(_ path: String, _ content: String) throws {
        guard let file = fopen(path, "w") else { throw RunError(description: "\(path): cannot be written") }
        defer { fclose(file) }
        fputs(content, file)
    }
}
