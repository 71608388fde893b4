package import ByteText
internal import LinuxSystem
package import WireGuardModel
internal import WireGuardText

/// Which interface a command is about, and which file belongs to it.
package struct ConfigurationName: Equatable, Sendable {
    package let interface: InterfaceName
    /// Absolute, and without symbolic links, so that a file that is written anew stays where it is.
    package let path: ByteString

    private static let suffix: ByteString = ".conf"

    package static let usualFolder: ByteString = "/etc/wireguard"

    /// From the name of an interface, whose file is in `folder`, or the path of a file that ends in `NAME.conf`.
    package init(_ argument: ByteString, folder: ByteString = usualFolder) throws(QuickFailure) {
        let path = Self.isName(argument) ? folder + "/" + argument + Self.suffix : argument
        try Self.checkExists(path)
        let name = path.lastComponent.bytes.dropLast(Self.suffix.count)
        guard path.hasSuffix(Self.suffix), Self.isName(ByteString(Array(name))) else {
            throw QuickFailure("The config file must be a valid interface name, followed by .conf")
        }
        interface = InterfaceName(ByteString(Array(name)))
        do throws(Errno) {
            self.path = try FileSystem.resolved(path)
        } catch {
            throw QuickFailure("Unable to read \(path.quoted): \(error)")
        }
    }

    /// Only a missing file "does not exist": a lack of permission or a loop of symbolic links is reported as such. A
    /// pipe of the shell's, as of `<(command)`, exists although no path leads to it.
    private static func checkExists(_ path: ByteString) throws(QuickFailure) {
        if path.bytes.contains(0) { throw QuickFailure("\(path.quoted) does not exist") }
        do throws(Errno) {
            try FileSystem.check(path)
        } catch {
            if error == .notFound { throw QuickFailure("\(path.quoted) does not exist") }
            throw QuickFailure("Unable to read \(path.quoted): \(error)")
        }
    }

    /// Of a file that need not be there.
    package init(_ interface: InterfaceName, path: ByteString) { (self.interface, self.path) = (interface, path) }

    /// One to 15 letters, digits and `_=+.-`.
    private static func isName(_ text: ByteString) -> Bool {
        1...InterfaceName.longest ~= text.count
            && text.bytes.allSatisfy { byte in
                let letter = ASCII.lowercased(byte)
                return ASCII.isDigit(byte) || UInt8(ascii: "a")...UInt8(ascii: "z") ~= letter
                    || "_=+.-".utf8.contains(byte)
            }
    }

    /// What to tell of a file that anybody can read or change; nil where all is well.
    package var warning: String? { Self.warning(of: path).map { "Warning: " + $0 } }

    /// The same warning without the word "Warning".
    static func warning(of path: ByteString) -> String? {
        FileSystem.isOpenToTheWorld(path) ? "\(path.quoted) is world accessible" : nil
    }

    /// Where a relative path in the file starts from.
    var folder: ByteString { path.folder }
}

extension ByteString {
    /// With the interface's name in place of every `%i`.
    package func expanding(_ name: InterfaceName) -> ByteString {
        var expanded: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.first == UInt8(ascii: "i") {
                rest.removeFirst()
                expanded += name.text.bytes
            } else {
                expanded.append(byte)
            }
        }
        return ByteString(expanded)
    }
}
