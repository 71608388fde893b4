package import ByteText
internal import Glibc

/// A file's new content, written beside it and then put in its place at once: whoever reads, and a machine that loses
/// its power, has the old or the new one, whole.
///
/// A file that is a mount point, as in containers, cannot be replaced (EBUSY), and its folder may be read-only. Its
/// content is then written into the file itself.
package enum FileReplacement {
    /// Keeps owner, group and their permissions; all others lose theirs. `path` is that of the file itself, no symbolic
    /// link. Concurrent calls need a lock.
    package static func replace(_ path: ByteString, with content: Span<UInt8>) throws(Errno) {
        let temporary = path + ".tmp"
        // A file that a killed program left behind must not keep its owner or permissions.
        FileSystem.remove(temporary)
        defer { FileSystem.remove(temporary) }
        do throws(Errno) {
            try write(content, to: temporary, like: path)
            try FileSystem.move(temporary, to: path)
            try synchronize(path.folder)
        } catch {
            guard isOfMount(error) else { throw error }
            try overwrite(path, with: content)
        }
    }

    private static func isOfMount(_ error: Errno) -> Bool { error.code == EBUSY || error.code == EROFS }

    /// Allocates the space first, so that a full disk is noticed while the old content is whole.
    private static func overwrite(_ path: ByteString, with content: Span<UInt8>) throws(Errno) {
        let file = try FileDescriptor.open(path, flags: O_WRONLY | O_NOFOLLOW)
        let failure = posix_fallocate(file.raw, 0, content.count)
        guard failure == 0 || content.isEmpty else { throw Errno(failure) }
        try writeAll(content, to: file)
        try syscall { ftruncate(file.raw, content.count) }
        try syscall { fsync(file.raw) }
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
        if found { try syscall { fchmod(file.raw, status.st_mode & (S_IRWXU | S_IRWXG)) } }
        try writeAll(content, to: file)
        try syscall { fsync(file.raw) }
    }

    private static func writeAll(_ content: Span<UInt8>, to file: borrowing FileDescriptor) throws(Errno) {
        var written = 0
        while written < content.count {
            written += try content.extracting(written...).withUnsafeBufferPointer { (bytes) throws(Errno) in
                try syscall { Glibc.write(file.raw, bytes.baseAddress!, bytes.count) }
            }
        }
    }

    /// A new name in a folder lasts once the folder is written.
    private static func synchronize(_ folder: ByteString) throws(Errno) {
        let folder = try FileDescriptor.open(folder, flags: O_RDONLY | O_DIRECTORY)
        try syscall { fsync(folder.raw) }
    }
}
