import Foundation
import TestSupport

/// The table of README's architecture section: each target with what it imports, the lowest first.
struct ImportTable {
    struct Row {
        let target: String
        let summary: String
        let imports: Set<String>
    }

    let rows: [Row]

    init() throws {
        self.init(of: try String(contentsOfFile: Places.root + "/README.md", encoding: .utf8))
    }

    init(of page: String) {
        let section = page.split(separator: "\n").drop { $0 != "## Architecture" }
        let table = section.drop { !$0.hasPrefix("| target |") }.prefix { $0.hasPrefix("|") }
        // Below the headings and the rule.
        rows = table.dropFirst(2).compactMap(Row.init)
    }
}

extension ImportTable.Row {
    /// From `| `Target` | one line | `Import`, `Import` |`.
    fileprivate init?(_ line: Substring) {
        let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        guard cells.count == 3, let target = Self.names(in: cells[0]).first else { return nil }
        self.init(target: target, summary: cells[1], imports: Set(Self.names(in: cells[2])))
    }

    private static func names(in cell: String) -> [String] { cell.matches(of: /`(.+?)`/).map { String($0.1) } }
}
