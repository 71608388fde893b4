internal import ByteText
internal import Glibc
internal import LinuxSystem

/// The lock of a control socket's place: a file beside it, that is there while somebody starts.
///
/// Only its owner can open it. The folder would do for a lock, but where others may read it, they can hold the lock
/// for ever: flock(2) asks for no right but to have the file open.
struct ControlSocketLock: ~Copyable {
    private let file: FileDescriptor
    private let path: ByteString

    private init(file: consuming FileDescriptor, path: ByteString) {
        self.file = file
        self.path = path
    }

    /// The file goes before the lock does, so that whoever finds the file has found the lock.
    deinit { FileSystem.remove(path) }

    /// Nil while somebody else holds it. Does not wait.
    static func take(at path: ByteString) throws(Errno) -> ControlSocketLock? {
        let raw = try path.withCString { (path) throws(Errno) in
            try syscall { open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600) }
        }
        let file = FileDescriptor(owning: raw)
        do throws(Errno) {
            try syscall { flock(raw, LOCK_EX | LOCK_NB) }
        } catch {
            if error.code == EWOULDBLOCK { return nil }
            throw error
        }
        // Whoever held it when we opened the file has removed it since.
        guard let identity = FileIdentity(raw), identity == FileIdentity(path) else { return nil }
        return ControlSocketLock(file: file, path: path)
    }
}

/// Which file it is, whatever its name.
struct FileIdentity: Equatable, Sendable {
    private let device: dev_t
    private let inode: ino_t

    /// What a path leads to, the link itself if it is a symbolic one; nil where there is nothing.
    init?(_ path: ByteString) {
        var status = stat()
        guard path.withCString({ lstat($0, &status) }) == 0 else { return nil }
        device = status.st_dev
        inode = status.st_ino
    }

    /// What a descriptor is open on.
    init?(_ descriptor: CInt) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        device = status.st_dev
        inode = status.st_ino
    }
}
