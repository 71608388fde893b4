import Testing

/// README's import table is the truth about the sources, and a house with floors: imports go only down.
@Suite("Architecture")
struct ArchitectureTests {
    private let table: ImportTable
    private let targets: [String: SourceTree.Target]

    /// Modules that are not ours: the C library and Swift's locks are everybody's.
    private static let outside: Set<String> = ["Glibc", "Synchronization"]

    init() throws {
        table = try ImportTable()
        targets = try SourceTree().targets
    }

    @Test("every target has one row, and every row a target")
    func rowsAreTargets() {
        #expect(table.rows.map(\.target).sorted() == targets.keys.sorted())
        #expect(table.rows.filter { $0.summary.isEmpty }.map(\.target) == [])
    }

    @Test("a target imports what its row says")
    func importsAreThoseOfTheTable() {
        for row in table.rows {
            let imports = targets[row.target]?.imports ?? []
            #expect(imports.sorted() == row.imports.sorted(), "imports of \(row.target)")
        }
    }

    @Test("imports go only to rows above")
    func importsGoDown() {
        var above = Self.outside
        for row in table.rows {
            #expect(row.imports.subtracting(above).sorted() == [], "imports of \(row.target) that are not above it")
            above.insert(row.target)
        }
    }

    @Test("a program is main.swift alone, on one WireGuard module")
    func programsAreThin() {
        let programs = targets.filter(\.value.isProgram)
        #expect(!programs.isEmpty)
        for (name, program) in programs {
            #expect(program.files == ["main.swift"], "files of \(name)")
            #expect(program.imports.count { $0.hasPrefix("WireGuard") } == 1, "imports of \(name)")
        }
    }

    @Test("nothing imports a program")
    func programsAreNotImported() {
        let programs = Set(targets.filter(\.value.isProgram).keys)
        for (name, target) in targets {
            #expect(target.imports.intersection(programs).sorted() == [], "imports of \(name)")
        }
    }

    @Test("Foundation is imported nowhere")
    func noFoundation() {
        let importers = targets.filter { $0.value.imports.contains { $0.hasPrefix("Foundation") } }
        #expect(importers.keys.sorted() == [])
    }

    @Test(
        "an import is found in every form that Swift has",
        arguments: [
            "import Inner", "  import Inner", "package import Inner", "private import Inner // why",
            "@testable import Inner", "@_spi(Tests) public import Inner", "import struct Inner.Value",
            "import Inner.Part", "import Inner;", "let answer = 42; import Inner",
        ])
    func findsImport(_ line: String) {
        #expect(importedModules(in: "// Begin.\n\(line)\nlet end = 1") == ["Inner"])
    }

    @Test(
        "what only mentions an import is none",
        arguments: ["// import Inner", "let importInner = 1", "important(Inner)"])
    func ignoresMention(_ line: String) {
        #expect(importedModules(in: line) == [])
    }
}
