import Glibc

/// Makes a new folder for its caller alone, where temporary files go; the caller removes it.
package func makeTemporaryFolder(_ purpose: String) throws -> String {
    let unique = String(repeating: "X", count: 6)
    var template = Array("\(Places.environment("TMPDIR") ?? P_tmpdir)/\(purpose).\(unique)".utf8CString)
    guard mkdtemp(&template) != nil else { throw RunError(description: "mkdtemp: errno \(errno)") }
    return String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
}
