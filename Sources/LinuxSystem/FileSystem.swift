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

    package static func isFile(_ path: ByteString) -> Bool {
        guard let mode = try? mode(of: path) else { return false }
        return mode & S_IFMT == S_IFREG
    }

    /// Whether the path's last part is a symbolic link.
    package static func isSymbolicLink(_ path: ByteString) -> Bool {
        var status = stat()
        return path.withCString { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// Whether we may run this file.
    package static func isExecutable(_ path: ByteString) -> Bool {
        isFile(path) && path.withCString { access($0, X_OK) } == 0
    }

    /// All that a small file holds.
    package static func read(_ path: ByteString) throws(Errno) -> ByteString {
        let file = try FileDescriptor.open(path)
        var content = ByteBuffer()
        var count = -1
        while count < content.count {
            count = content.count
            try file.read(into: &content)
        }
        return ByteString(copying: content.span)
    }

    /// Replaces what a small file holds, or makes it.
    package static func write(_ content: ByteString, to path: ByteString, mode: UInt32) throws(Errno) {
        let raw = try path.withCString { (path) throws(Errno) in
            try syscall { open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode) }
        }
        let file = FileDescriptor(owning: raw)
        var stream = OutputStream(descriptor: file.raw)
        stream.buffer.append(content.span)
        if let failure = stream.finish() { throw failure }
    }

    /// Makes a folder and its missing parents; false if it already exists.
    @discardableResult
    package static func makeFolder(_ path: ByteString, mode: UInt32) throws(Errno) -> Bool {
        do throws(Errno) {
            _ = try path.withCString { (path) throws(Errno) in try syscall { mkdir(path, mode) } }
            return true
        } catch {
            if error == .exists { return false }
            guard error == .notFound, path.folder.count < path.count, path.folder != "." else { throw error }
        }
        try makeFolder(path.folder, mode: mode)
        return try makeFolder(path, mode: mode)
    }

    /// Removes an empty folder.
    package static func removeFolder(_ path: ByteString) { _ = path.withCString { rmdir($0) } }

    /// Renames a file, or a symbolic link itself, and replaces what had the new name.
    package static func move(_ old: ByteString, to new: ByteString) throws(Errno) {
        try old.withCString { (old) throws(Errno) in
            _ = try new.withCString { (new) throws(Errno) in try syscall { rename(old, new) } }
        }
    }

    package static func remove(_ path: ByteString) { _ = path.withCString { unlink($0) } }

    package static func exists(_ path: ByteString) -> Bool { (try? mode(of: path)) != nil }

    /// Throws the reason why the path leads to no file: `notFound` only if the file does not exist.
    package static func check(_ path: ByteString) throws(Errno) { _ = try mode(of: path) }

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
