internal import ByteText
internal import LinuxSystem

/// The shell code that precedes each hook, in bash: the variables and functions that the script wg-quick gives its
/// hooks, which existing files rely on.
///
/// It leaves out `WG_CONFIG`, which holds the private key, and functions that only the script's own steps call.
struct HookPrelude {
    private(set) var text: ByteString

    init(_ file: borrowing QuickFile, _ context: QuickContext) {
        var lines = Lines()
        lines.set("PROGRAM", context.program)
        lines.set("SELF", context.programPath)
        lines.set("ARGS", list: context.arguments)
        lines.set("INTERFACE", file.name.interface.text)
        lines.set("CONFIG_FILE", file.name.path)
        lines.set("ADDRESSES", list: file.words(of: .address))
        lines.set("MTU", file.lastValue(of: .mtu))
        lines.set("DNS", list: file.settings.dns.servers)
        lines.set("DNS_SEARCH", list: file.settings.dns.searchDomains)
        lines.set("TABLE", file.lastValue(of: .table))
        lines.set("SAVE_CONFIG", file.settings.savesConfig ? "1" : "0")
        lines.set("PRE_UP", list: file.settings.preUp)
        lines.set("POST_UP", list: file.settings.postUp)
        lines.set("PRE_DOWN", list: file.settings.preDown)
        lines.set("POST_DOWN", list: file.settings.postDown)
        text = ByteString(copying: lines.text.span) + Self.functions
    }

    /// `cmd` prints a command and runs it; `die` ends the hook with a message; `get_fwmark NAME` stores the interface's
    /// fwmark, in decimal, in the variable of that name, and fails if there is none.
    private static let functions: ByteString = """
        cmd() { printf '[#] %s\\n' "$*" >&2; "$@"; }
        die() { printf '%s: %s\\n' "$PROGRAM" "$*" >&2; exit 1; }
        get_fwmark() { [[ $(wg show "$INTERFACE" fwmark) == 0x* ]] && printf -v "$1" %d "$(wg show "$INTERFACE" fwmark)"; }

        """
}

/// Assignments in bash syntax.
private struct Lines: ~Copyable {
    var text = ByteBuffer(capacity: 1024)

    mutating func set(_ name: StaticString, _ value: ByteString) {
        text.append(name)
        text.append("=")
        quote(value)
        text.append("\n")
    }

    mutating func set(_ name: StaticString, list: [ByteString]) {
        text.append(name)
        text.append("=(")
        for value in list {
            text.append(" ")
            quote(value)
        }
        text.append(" )\n")
    }

    /// Within single quotes bash interprets nothing but the quote itself.
    private mutating func quote(_ value: ByteString) {
        text.append("'")
        for byte in value.bytes {
            if byte == UInt8(ascii: "'") { text.append("'\\''") } else { text.append(byte) }
        }
        text.append("'")
    }
}

extension QuickFile {
    /// Words as written, without validation: `down` does not check what it does not need.
    fileprivate borrowing func words(of key: QuickKey) -> [ByteString] {
        values(of: key).flatMap { $0.span.words }
    }

    /// The last line's value counts; empty if there is none.
    fileprivate borrowing func lastValue(of key: QuickKey) -> ByteString { values(of: key).last ?? "" }

    private borrowing func values(of key: QuickKey) -> [ByteString] {
        document.lines.filter { $0.meaning == .quick(key) }.map { document.bytes($0.value) }
    }
}
