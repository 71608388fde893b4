import TestSupport
import Testing

@Suite struct Manual {
    private static let pages = ["wg.8", "wg-quick.8", "wireguard-swift.8", "wireguard-ha.7"]

    @Test(.enabled(if: locate("mandoc") != nil, "mandoc is not installed"), arguments: pages)
    func isWellFormed(_ page: String) throws {
        let result = try run("mandoc", ["-Tlint", "-Wwarning", Places.root + "/man/" + page])
        #expect(result.out + result.err == "")
        #expect(result.status == 0)
    }

    @Test(
        arguments: Vocabulary.subcommands + Vocabulary.fields + Vocabulary.interfaceParameters
            + Vocabulary.peerParameters + Vocabulary.fileKeys + ["interfaces", "all", "off"])
    func explains(_ word: String) throws {
        #expect(try Self.macroArguments(of: "wg").contains(word))
    }

    @Test(arguments: Vocabulary.environment)
    func explainsVariable(_ name: String) throws {
        #expect(try Self.source(of: "wg").contains(".It Ev " + name))
    }

    @Test(arguments: Vocabulary.quickCommands + Vocabulary.quickFileKeys + ["%i", "off", "auto"])
    func explainsOfQuick(_ word: String) throws {
        #expect(try Self.macroArguments(of: "wg-quick").contains(word))
    }

    @Test(arguments: Vocabulary.quickEnvironment)
    func explainsVariableOfQuick(_ name: String) throws {
        #expect(try Self.source(of: "wg-quick").contains(".It Ev " + name))
    }

    @Test(arguments: Vocabulary.quickOptions)
    func explainsOptionOfQuick(_ option: String) throws {
        let marked = ".It Fl Fl " + option.dropFirst(2)
        #expect(try Self.source(of: "wg-quick").contains { $0 == marked || $0.hasPrefix(marked + " ") })
    }

    @Test(arguments: Vocabulary.daemonEnvironment)
    func explainsVariableOfDaemon(_ name: String) throws {
        #expect(try Self.source(of: "wireguard-swift").contains(".It Ev " + name))
    }

    @Test(arguments: Vocabulary.daemonOptions)
    func explainsOptionOfDaemon(_ option: String) throws {
        let name = option.drop { $0 == "-" }
        let marked = (option.hasPrefix("--") ? "Fl Fl " : "Fl ") + name
        let items = try Self.source(of: "wireguard-swift").filter { $0.hasPrefix(".It Fl ") }
        #expect(items.contains { $0.dropFirst(4).split(separator: " , ").contains { $0 == marked } })
    }

    private static func source(of program: String) throws -> [String] {
        try run("cat", [Places.root + "/man/\(program).8"]).out.lines
    }

    /// The words that are marked as something to type, to look up or to stand out, unlike plain prose.
    private static func macroArguments(of program: String) throws -> Set<String> {
        let lines = try source(of: program).filter { $0.hasPrefix(".") }
        return Set(lines.flatMap { $0.split(separator: " ").dropFirst().map(String.init) })
    }
}
