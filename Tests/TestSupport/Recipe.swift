import Glibc

/// What a text tells to write into files and to type, as it stands there.
package struct Recipe: Sendable {
    private let blocks: [(tag: String, text: String)]

    /// From a section of README.md, where each indented block is called by the sentence in front of it.
    package init(readmeSection title: String) throws {
        let lines = try Self.lines(of: "README.md")
        let section = lines.drop { $0 != "## " + title }.dropFirst().prefix { !$0.hasPrefix("## ") }
        if section.isEmpty { throw RunError(description: "README.md has no section “\(title)”") }
        blocks = Self.indentedBlocks(in: section)
    }

    private static func indentedBlocks(in lines: ArraySlice<String>) -> [(String, String)] {
        var blocks: [(tag: String, text: String)] = []
        var paragraph: [String] = []
        for part in lines.split(separator: "") {
            let isBlock = part.allSatisfy { $0.hasPrefix("    ") }
            if !isBlock {
                paragraph = Array(part)
                continue
            }
            let text = part.map { $0.dropFirst(4) + "\n" }.joined()
            if paragraph.isEmpty {
                blocks[blocks.count - 1].text += "\n" + text
            } else {
                blocks.append((lastSentence(of: paragraph), text))
                paragraph = []
            }
        }
        return blocks
    }

    private static func lastSentence(of paragraph: [String]) -> String {
        let text = paragraph.joined(separator: " ")
        return text.ranges(of: ". ").last.map { String(text[$0.upperBound...]) } ?? text
    }

    /// From a section of a page of man/. Its literal displays are called by the item that they are below: a file
    /// `.It Pa machine:/path`, or commands `.It Sy when`; outside of lists, by the paragraph in front.
    package init(page: String, section: String) throws {
        let lines = try Self.lines(of: "man/" + page)
        guard let start = lines.firstIndex(of: ".Sh " + section) else {
            throw RunError(description: "\(page) has no section \(section)")
        }
        let end = lines[(start + 1)...].firstIndex { $0.hasPrefix(".Sh ") } ?? lines.endIndex
        blocks = Self.displays(in: lines[(start + 1)..<end])
    }

    private static func lines(of file: String) throws -> [String] {
        let result = try run("cat", [Places.root + "/" + file])
        return result.out.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private static func displays(in lines: ArraySlice<String>) -> [(String, String)] {
        var blocks: [(tag: String, text: String)] = []
        var words: [String] = []
        var isLiteral = false
        for line in lines {
            if line.hasPrefix(".Bd -literal") {
                isLiteral = true
                blocks.append((words.joined(separator: " "), ""))
            } else if line == ".Ed" {
                (isLiteral, words) = (false, [])
            } else if isLiteral {
                blocks[blocks.count - 1].text += plain(line) + "\n"
            } else if line == ".Pp" {
                words = []
            } else if line.hasPrefix(".It ") {
                words = [String(line.dropFirst(".It Pa ".count))]
            } else {
                words.append(line.hasPrefix(".") ? String(line.dropFirst(".Pa ".count)) : line)
            }
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

    /// Those whose paragraph has these words.
    package func commands(about words: String) throws -> String {
        guard let block = blocks.first(where: { $0.tag.contains(words) }) else {
            throw RunError(description: "there is nothing about “\(words)”")
        }
        return block.text
    }
}
