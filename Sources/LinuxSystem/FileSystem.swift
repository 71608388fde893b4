package import ByteText
internal import Glibc

package enum FileSystem {
    /// Names in a directory, in the order in which the kernel gives them.
    package static func entries(of directory: ByteString) throws(Errno) -> [ByteString] {
        guard let stream = directory.withCString({ opendir($0) }) else { throw .last }
        defer { closedir(stream) }
        var names: [ByteString] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { ByteString(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    package static func isSocket(_ path: ByteString) -> Bool {
        guard let mode = try? mode(of: path) else { return false }
        return mode & S_IFMT == S_IFSOCK
    }

    package static func remove(_ path: ByteString) { _ = path.withCString { unlink($0) } }

    package static func exists(_ path: ByteString) -> Bool { (try? mode(of: path)) != nil }

    /// The path without symbolic links, `.` and `..`, from the root on.
    package static func resolved(_ path: ByteString) throws(Errno) -> ByteString {
        guard let resolved = path.withCString({ realpath($0, nil) }) else { throw .last }
        defer { free(resolved) }
        return ByteString(cString: resolved)
    }

    /// Whether others than owner and group can do something with the file, and reach it in its folder.
    package static func isOpenToTheWorld(_ path: ByteString) -> Bool {
        guard let file = try? mode(of: path), let folder = try? mode(of: path.folder) else { return false }
        return file & folder & S_IRWXO != 0
    }

    private static func mode(of path: ByteString) throws(Errno) -> mode_t {
        var status = stat()
        try path.withCString { (path) throws(Errno) in
            _ = try syscall { stat(path, &status) }
        }
        return status.st_mode
    }
}

extension ByteString {
    /// What stands in front of a path's last slash: `.` where there is none.
    package var folder: ByteString {
        guard let slash = bytes.lastIndex(of: ASCII.slash) else { return "." }
        return slash == 0 ? "/" : ByteString(Array(bytes[..<slash]))
    }

    /// What stands behind a path's last slash.
    package var lastComponent: ByteString {
        guard let slash = bytes.lastIndex(of: ASCII.slash) else { return self }
        return ByteString(Array(bytes[(slash + 1)...]))
    }
}
