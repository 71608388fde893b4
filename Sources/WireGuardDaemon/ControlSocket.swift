package import ByteText
internal import Glibc
package import LinuxSystem
package import WireGuardModel

/// Where a daemon's socket is in the file system.
///
/// Whoever makes, takes over or removes a socket does it with the folder locked, so that of two daemons that
/// start at once one finds the other, and one that ends does not remove what has just taken its place.
package struct ControlSocketPlace: Sendable {
    package static let usualFolder: ByteString = "/var/run/wireguard"

    package let folder: ByteString
    package let path: ByteString
    fileprivate let interface: InterfaceName

    package init(of interface: InterfaceName, in folder: ByteString = usualFolder) {
        self.folder = folder
        self.interface = interface
        path = folder + "/" + interface.text + ".sock"
    }

    /// Makes sure that no daemon runs for the interface and none can start before the claim is used or dropped.
    package func claim() throws(DaemonFailure) -> ControlSocketClaim {
        do throws(Errno) {
            try makeFolder()
            let lock = try lock()
            if FileIdentity(path) != nil {
                guard FileSystem.isSocket(path) else { throw Errno(ENOTSOCK) }
                guard try !isAnswered() else { throw Errno(EADDRINUSE) }
            }
            return ControlSocketClaim(place: self, lock: lock)
        } catch {
            switch error.code {
            case EADDRINUSE: throw .alreadyRunning(interface, socket: path)
            case ENOTSOCK: throw .noSocket(path: path)
            default: throw .socketFailed(path: path, error)
            }
        }
    }

    private func makeFolder() throws(Errno) {
        do throws(Errno) {
            try folder.withCString { (folder) throws(Errno) in _ = try syscall { mkdir(folder, 0o700) } }
        } catch {
            guard error.code == EEXIST else { throw error }
        }
    }

    fileprivate func lock() throws(Errno) -> FileDescriptor {
        let lock = try FileDescriptor.open(folder, flags: O_RDONLY | O_DIRECTORY)
        let raw = lock.raw
        try syscall { flock(raw, LOCK_EX) }
        return lock
    }

    /// Whether a daemon listens, also one whose queue is full. One that crashed leaves a socket that refuses.
    private func isAnswered() throws(Errno) -> Bool {
        do throws(Errno) {
            _ = try UnixSocket.connect(to: path, waits: false)
            return true
        } catch {
            switch error {
            case .connectionRefused, .notFound: return false
            case .tryAgain: return true
            default: throw error
            }
        }
    }
}

/// The right to make the socket of an interface.
package struct ControlSocketClaim: ~Copyable {
    fileprivate let place: ControlSocketPlace
    /// The folder, locked for as long as it is open.
    fileprivate let lock: FileDescriptor

    /// Makes the socket, with mode 0600, in the place of one left behind.
    package consuming func listen() throws(DaemonFailure) -> ControlSocket {
        do throws(Errno) {
            let listener = try UnixSocket.listen(at: place.path)
            guard let identity = FileIdentity(place.path) else { throw .notFound }
            return ControlSocket(listener: listener, file: ControlSocketFile(place: place, identity: identity))
        } catch {
            throw .socketFailed(path: place.path, error)
        }
    }
}

/// A socket that listens, and its file.
package struct ControlSocket: ~Copyable {
    package let listener: FileDescriptor
    /// Nil for a socket that somebody else has made and will remove.
    package let file: ControlSocketFile?

    fileprivate init(listener: consuming FileDescriptor, file: ControlSocketFile) {
        self.listener = listener
        self.file = file
    }

    /// Takes over a descriptor that whoever started us left open.
    package init(inheriting raw: CInt) throws(DaemonFailure) {
        let inherited = FileDescriptor(owning: raw)
        do throws(Errno) {
            var listens: CInt = 0
            var size = socklen_t(MemoryLayout<CInt>.size)
            try syscall { getsockopt(raw, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) }
            guard listens != 0 else { throw .invalidArgument }
            try inherited.setCloseOnExec()
            try inherited.setNonBlocking()
        } catch {
            throw .inheritedSocketFailed(error)
        }
        listener = inherited
        file = nil
    }

    package consuming func takeListener() -> FileDescriptor { listener }
}

/// The file of a socket that we have made.
package struct ControlSocketFile: Sendable {
    package let place: ControlSocketPlace
    fileprivate let identity: FileIdentity

    /// Removes the file, unless it is no longer ours.
    package func remove() {
        // Without the folder there is no file either.
        guard let lock = try? place.lock() else { return }
        if isInPlace { FileSystem.remove(place.path) }
        withExtendedLifetime(lock) {}
    }

    package var isInPlace: Bool { FileIdentity(place.path) == identity }
}

/// What a path leads to, itself if it is a symbolic link.
private struct FileIdentity: Equatable, Sendable {
    let device: dev_t
    let inode: ino_t

    /// Nil where there is nothing.
    init?(_ path: ByteString) {
        var status = stat()
        guard path.withCString({ lstat($0, &status) }) == 0 else { return nil }
        (device, inode) = (status.st_dev, status.st_ino)
    }
}
