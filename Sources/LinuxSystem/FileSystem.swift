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

    private static func mode(of path: ByteString) throws(Errno) -> mode_t {
        var status = stat()
        try path.withCString { (path) throws(Errno) in
            _ = try syscall { stat(path, &status) }
        }
        return status.st_mode
    }
}
