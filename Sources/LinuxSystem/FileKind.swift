internal import Glibc

/// What kind of file a descriptor leads to.
package enum FileKind {
    /// Whether it is a regular file that others than owner and group can use.
    package static func isWorldAccessibleFile(_ descriptor: CInt) -> Bool {
        guard let mode = mode(of: descriptor) else { return false }
        return mode & S_IFMT == S_IFREG && mode & S_IRWXO != 0
    }

    /// Whether nothing to read there means an empty file, rather than a writer that went away.
    package static func isFileOrCharacterDevice(_ descriptor: CInt) -> Bool {
        guard let mode = mode(of: descriptor) else { return false }
        return mode & S_IFMT == S_IFREG || mode & S_IFMT == S_IFCHR
    }

    package static func isTerminal(_ descriptor: CInt) -> Bool { isatty(descriptor) == 1 }

    /// Bytes of a regular file; nil for anything else.
    package static func size(ofFile descriptor: CInt) -> Int? {
        guard let status = status(of: descriptor), status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    private static func mode(of descriptor: CInt) -> mode_t? {
        status(of: descriptor)?.st_mode
    }

    private static func status(of descriptor: CInt) -> stat? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? status : nil
    }
}
