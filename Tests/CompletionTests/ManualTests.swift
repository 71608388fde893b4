import TestSupport
import Testing

@Suite struct Manual {
    private static let path = Places.root + "/man/wg.8"

    @Test(.enabled(if: locate("mandoc") != nil, "mandoc is not installed"))
    func isWellFormed() throws {
        let result = try run("mandoc", ["-Tlint", "-Wwarning", Self.path])
        #expect(result.out + result.err == "")
        #expect(result.status == 0)
    }

    @Test(
        arguments: Vocabulary.subcommands + Vocabulary.fields + Vocabulary.interfaceParameters
            + Vocabulary.peerParameters + Vocabulary.fileKeys + ["interfaces", "all", "off"])
    func explains(_ word: String) throws {
        #expect(try Self.macroArguments().contains(word))
    }

    @Test(arguments: Vocabulary.environment)
    func explainsVariable(_ name: String) throws {
        #expect(try Self.source().contains(".It Ev " + name))
    }

    private static func source() throws -> [String] {
        try run("cat", [path]).out.lines
    }

    /// The words that are marked as something to type, to look up or to stand out, unlike plain prose.
    private static func macroArguments() throws -> Set<String> {
        Set(try source().filter { $0.hasPrefix(".") }.flatMap { $0.split(separator: " ").dropFirst().map(String.init) })
    }
}
