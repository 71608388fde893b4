package import ByteText
internal import Glibc

/// A file's new content, written beside it and then put in its place at once: whoever reads, and a machine that loses
/// its power, has the old or the new one, whole.
package enum FileReplacement {
    /// The new file belongs to whom the old one did, and nobody else can do anything with it. `path` is that of the
    /// file itself, no symbolic link.
    package static func replace(_ path: ByteString, with content: Span<UInt8>) throws(Errno) {
        let temporary = path + ".tmp"
        // One that an end in midst left behind must not keep its owner or permissions.
        FileSystem.remove(temporary)
        do throws(Errno) {
            try write(content, to: temporary, like: path)
            try temporary.withCString { (temporary) throws(Errno) in
                _ = try path.withCString { (path) throws(Errno) in
                    try syscall { rename(temporary, path) }
                }
            }
        } catch {
            FileSystem.remove(temporary)
            throw error
        }
        try synchronize(path.folder)
    }

    private static func write(_ content: Span<UInt8>, to path: ByteString, like old: ByteString) throws(Errno) {
        let raw = try path.withCString { (path) throws(Errno) in
            try syscall { Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600) }
        }
        let file = FileDescriptor(owning: raw)
        var status = stat()
        let found = old.withCString { stat($0, &status) } == 0
        if found, status.st_uid != geteuid() || status.st_gid != getegid() {
            try syscall { fchown(file.raw, status.st_uid, status.st_gid) }
        }
        var written = 0
        while written < content.count {
            written += try content.extracting(written...).withUnsafeBufferPointer { (bytes) throws(Errno) in
                try syscall { Glibc.write(file.raw, bytes.baseAddress!, bytes.count) }
            }
        }
        try syscall { fsync(file.raw) }
    }

    /// A new name in a folder lasts once the folder is written.
    private static func synchronize(_ folder: ByteString) throws(Errno) {
        let folder = try FileDescriptor.open(folder, flags: O_RDONLY | O_DIRECTORY)
        try syscall { fsync(folder.raw) }
    }
}
