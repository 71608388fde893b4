package import ByteText
internal import Glibc

package enum Environment {
    package static func value(_ name: ByteString) -> ByteString? {
        name.withCString { getenv($0) }.map { ByteString(cString: $0) }
    }

    /// The folders in which bash looks for programs if `PATH` is unset, without the working directory.
    package static let usualPath: ByteString = "/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin"

    /// Sets `PATH` for this program and its children if it is unset. Only for a process of one thread.
    package static func addMissingPath() {
        usualPath.withCString { _ = setenv("PATH", $0, 0) }
    }

    /// The number that a value is from end to end as C reads it: blanks and a sign in front, none for an
    /// empty value, and negative ones from the other end of the range.
    package static func number(_ value: ByteString) -> UInt64? {
        value.withCString { text in
            var end: UnsafeMutablePointer<CChar>?
            let number = strtoul(text, &end, 10)
            return end?.pointee == 0 ? UInt64(number) : nil
        }
    }

    /// All variables, "NAME=value" each, with others in the place of some.
    package static func all(replacing others: [(name: ByteString, value: ByteString)]) -> [ByteString] {
        var all: [ByteString] = []
        var next = environ
        while let entry = next.pointee {
            let variable = ByteString(cString: entry)
            if !others.contains(where: { variable.bytes.starts(with: ($0.name + "=").bytes) }) { all.append(variable) }
            next += 1
        }
        return all + others.map { $0.name + "=" + $0.value }
    }
}
