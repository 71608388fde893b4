import Foundation
import TestSupport

/// The targets under Sources as they are: their files, and what these import.
struct SourceTree {
    struct Target {
        var files: [String] = []
        var imports: Set<String> = []

        var isProgram: Bool { files.contains("main.swift") }
    }

    private(set) var targets: [String: Target] = [:]

    /// `folder` holds a folder for each target.
    init(at folder: String = Places.root + "/Sources") throws {
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            guard let slash = path.firstIndex(of: "/"), !isFolder(folder + "/" + path) else { continue }
            let name = String(path[..<slash])
            targets[name, default: Target()].files.append(String(path[path.index(after: slash)...]))
            guard path.hasSuffix(".swift") else { continue }
            let text = try String(contentsOfFile: folder + "/" + path, encoding: .utf8)
            targets[name, default: Target()].imports.formUnion(importedModules(in: text))
        }
    }

    private func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}

/// The modules that a Swift file imports, whatever access or attribute stands before the word, and whether
/// all of the module is imported or one declaration.
func importedModules(in text: String) -> Set<String> {
    let statement =
        #/
        ^ \s* (?: @\w+ (?: \([^)]*\) )? \s+ )*
        (?: (?: public | package | internal | fileprivate | private ) \s+ )?
        import \s+
        (?: (?: typealias | struct | class | enum | protocol | let | var | func ) \s+ )?
        (\w+)
        /#
    let statements = text.split(whereSeparator: { $0.isNewline || $0 == ";" })
    return Set(statements.compactMap { $0.firstMatch(of: statement).map { String($0.1) } })
}
