import Glibc

/// What a manual tells to write into files and to type, as it stands there.
///
/// Each of its literal displays is below an item that says what it is: a file as `.It Pa machine:/path`, or commands as
/// `.It Sy when`.
package struct Recipe: Sendable {
    private let blocks: [(tag: String, text: String)]

    /// From a section of a page of man/.
    package init(page: String, section: String) throws {
        let lines = try Self.lines(ofPage: page)
        guard let start = lines.firstIndex(of: ".Sh " + section) else {
            throw RunError(description: "\(page) has no section \(section)")
        }
        let end = lines[(start + 1)...].firstIndex { $0.hasPrefix(".Sh ") } ?? lines.endIndex
        blocks = Self.blocks(in: lines[start..<end])
    }

    private static func lines(ofPage page: String) throws -> [String] {
        let result = try run("cat", [Places.root + "/man/" + page])
        return result.out.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private static func blocks(in lines: ArraySlice<String>) -> [(String, String)] {
        var blocks: [(tag: String, text: String)] = []
        var tag = ""
        var isLiteral = false
        for line in lines {
            if line.hasPrefix(".It ") { tag = String(line.dropFirst(".It Pa ".count)) }
            if line == ".Bd -literal" { blocks.append((tag, "")) }
            if line == ".Ed" { isLiteral = false }
            if isLiteral { blocks[blocks.count - 1].text += plain(line) + "\n" }
            if line == ".Bd -literal" { isLiteral = true }
        }
        return blocks
    }

    /// What roff's escapes stand for.
    private static func plain(_ line: String) -> String {
        line.replacing("\\-", with: "-").replacing("\\(aq", with: "'").replacing("\\e", with: "\\")
    }

    /// Path and text of the files of a machine.
    package func files(of machine: String) -> [(path: String, text: String)] {
        blocks.filter { $0.tag.hasPrefix(machine + ":") }.map { (String($0.tag.dropFirst(machine.count + 1)), $0.text) }
    }

    /// The commands that are called this.
    package func commands(_ tag: String) throws -> String {
        guard let block = blocks.first(where: { $0.tag == tag }) else {
            throw RunError(description: "there are no commands for “\(tag)”")
        }
        return block.text
    }
}
