import TestSupport

/// One run of `wg`, with everything around it that it may see.
struct Case: Sendable {
    /// Behind the program's name.
    var arguments: [[UInt8]] = []
    /// A line for the shell that starts the program, as $0, in place of arguments.
    var shell: String?
    /// Names are not looked up again and again unless a case is about that.
    var environment = ["WG_ENDPOINT_RESOLUTION_RETRIES": "0"]
    var input: [UInt8] = []
    /// In the working directory, by name.
    var files: [String: File] = [:]
    var folder = Folder.holding([])
    /// Texts that no message may repeat.
    var secrets: [[UInt8]] = []

    enum File: Sendable {
        case text([UInt8])
        case directory
        case link(to: String)
    }

    /// /var/run/wireguard, where userspace daemons have their sockets.
    enum Folder: Sendable {
        /// In the order in which they come to be.
        case holding([Entry])
        case missing
        case file
    }

    struct Entry: Sendable {
        var name: String
        var kind: Kind

        enum Kind: Sendable {
            case device(FakeDevice.Behaviour)
            case staleSocket
            case other(File)
        }

        static func device(_ interface: String, _ behaviour: FakeDevice.Behaviour) -> Entry {
            Entry(name: interface + ".sock", kind: .device(behaviour))
        }
    }
}

extension Case: CustomStringConvertible {
    /// As one would type it into a shell, and what is not in the command line below it.
    var description: String {
        let settings = environment.sorted { $0.key < $1.key }.map { "\($0)=\(quoted($1.bytes))" }
        var lines = [(settings + ["wg"] + arguments.map(quoted)).joined(separator: " ")]
        if !input.isEmpty { lines.append("standard input: \(quoted(input))") }
        lines += files.sorted { $0.key < $1.key }.map { "file \($0): \($1)" }
        switch folder {
        case .holding(let entries): lines += entries.map { "\($0.name): \($0.kind)" }
        case .missing: lines.append("no folder for sockets")
        case .file: lines.append("a file in place of the folder for sockets")
        }
        return lines.joined(separator: "\n")
    }
}

extension Case.File: CustomStringConvertible {
    var description: String {
        switch self {
        case .text(let text): quoted(text)
        case .directory: "a directory"
        case .link(let target): "a link to \(target)"
        }
    }
}

extension Case.Entry.Kind: CustomStringConvertible {
    var description: String {
        switch self {
        case .device(let behaviour):
            "answers \(quoted(behaviour.toGet)) to get, \(quoted(behaviour.toSet)) to set, \(behaviour.ending)"
        case .staleSocket: "a socket that nobody listens on"
        case .other(let file): file.description
        }
    }
}

/// In the quotes that a shell reads, $'...' where there is more than plain text; the beginning of what is long.
func quoted(_ text: [UInt8]) -> String {
    let longest = 3000
    guard text.count <= longest else { return quoted(Array(text.prefix(longest))) + "... \(text.count) bytes" }
    let plain = text.allSatisfy { 0x20...0x7e ~= $0 && $0 != 0x27 && $0 != 0x5c }
    guard !plain else { return "'" + String(decoding: text, as: UTF8.self) + "'" }
    let characters = text.map { byte in
        switch byte {
        case 0x0a: "\\n"
        case 0x27, 0x5c: "\\" + String(UnicodeScalar(byte))
        case 0x20...0x7e: String(UnicodeScalar(byte))
        default: "\\x" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
        }
    }
    return "$'" + characters.joined() + "'"
}
