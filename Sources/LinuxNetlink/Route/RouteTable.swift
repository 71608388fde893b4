package import ByteText
internal import CLinux
internal import LinuxSystem

/// Numbers of routing tables, and the names that `ip` has for them.
package enum RouteTable {
    package static let main = UInt32(RT_TABLE_MAIN.rawValue)

    private static let folders: [ByteString] = ["/etc/iproute2", "/usr/share/iproute2"]

    /// The number that a table's number or name stands for, as `ip route … table` takes it; nil for a name that it
    /// does not know.
    package static func number(of text: ByteString) -> UInt32? { number(of: text, in: folders) }

    /// With other folders to look for names in. What the first knows the others are not asked for.
    package static func number(of text: ByteString, in folders: [ByteString]) -> UInt32? {
        if let number = number(written: text.span) { return number }
        for folder in folders {
            for file in files(in: folder) {
                if let number = try? find(text, in: file) { return number }
            }
        }
        return reserved[text]
    }

    private static let reserved: [ByteString: UInt32] = ["local": 255, "main": 254, "default": 253]

    private static func files(in folder: ByteString) -> [ByteString] {
        let additions = folder + "/rt_tables.d"
        let names = (try? FileSystem.entries(of: additions)) ?? []
        let added = names.filter { $0.hasSuffix(".conf") }.sorted().map { additions + "/" + $0 }
        return [folder + "/rt_tables"] + added
    }

    /// Nil where no line has the name: a number, blanks, the name.
    private static func find(_ name: ByteString, in file: ByteString) throws(Errno) -> UInt32? {
        let file = try FileDescriptor.open(file)
        var found: UInt32?
        var lines = LineSplitter()
        try lines.forEachLine { (buffer) throws(Errno) in
            try file.read(into: &buffer)
        } _: { line throws(Errno) in
            let words = ByteString(copying: line).bytes.split { $0 == 0x20 || $0 == 0x09 }.map { Array($0) }
            if words.count > 1, words[1] == name.bytes {
                let written = words[0]
                found = number(written: written.span)
            }
            return found == nil
        }
        return found
    }

    /// As C reads it: hexadecimal behind 0x, octal behind another 0.
    private static func number(written text: Span<UInt8>) -> UInt32? {
        guard text.count > 1, text[0] == 0x30 else { return text.decimal() }
        if text[1] | 0x20 == 0x78 { return text.extracting(2...).hexadecimal() }
        var number: UInt32 = 0
        for index in text.indices {
            guard 0x30...0x37 ~= text[index], number >> 29 == 0 else { return nil }
            number = number << 3 | UInt32(text[index] & 7)
        }
        return number
    }
}
