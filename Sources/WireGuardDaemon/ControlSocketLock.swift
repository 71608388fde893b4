internal import ByteText
internal import Glibc
internal import LinuxSystem

/// The lock of a control socket's path: a file beside it, which exists while a daemon starts.
///
/// Only its owner can open it. The folder itself is no good lock: a user who may read it could hold the lock for ever,
/// as flock(2) needs only an open descriptor.
struct ControlSocketLock: ~Copyable {
    private let file: FileDescriptor
    private let path: ByteString

    private init(file: consuming FileDescriptor, path: ByteString) {
        self.file = file
        self.path = path
    }

    /// The file is removed before the lock is released, so that a process that finds the file has found the lock.
    deinit { FileSystem.remove(path) }

    /// Takes the lock without waiting; nil while another process holds it.
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
        // The process that held the lock when we opened the file has removed the file since.
        guard let identity = FileIdentity(raw), identity == FileIdentity(path) else { return nil }
        return ControlSocketLock(file: file, path: path)
    }
}

/// A file's device and inode, whatever its name.
struct FileIdentity: Equatable, Sendable {
    private let device: dev_t
    private let inode: ino_t

    /// The file at a path, or the symbolic link itself; nil if there is none.
    init?(_ path: ByteString) {
        var status = stat()
        guard path.withCString({ lstat($0, &status) }) == 0 else { return nil }
        device = status.st_dev
        inode = status.st_ino
    }

    /// The file that a descriptor has open.
    init?(_ descriptor: CInt) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        device = status.st_dev
        inode = status.st_ino
    }
}
